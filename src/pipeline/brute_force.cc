#include "pipeline/brute_force.h"

#include <fmt/format.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <set>

#include "base/check.h"
#include "summary/int128.h"

namespace temperature::pipeline {
namespace {

using boost::multiprecision::cpp_int;

constexpr int kUnitExponent = -300;  // sums are whole multiples of 2^-300

cpp_int in_units(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  const auto mantissa = static_cast<std::int64_t>(std::ldexp(fraction, 53));
  const int shift = exponent - 53 - kUnitExponent;
  CHECK(mantissa == 0 || shift >= 0);
  return mantissa == 0 ? cpp_int(0) : cpp_int(mantissa) * (cpp_int(1) << static_cast<unsigned>(shift));
}

}  // namespace

struct TrueSum::Parts {
  // What sensors send is a whole multiple of 2^-60: __int128 holds a sum of millions, and is quick.
  using Wide = summary::int128;
  Wide usual = 0;
  cpp_int others = 0;
};

TrueSum::TrueSum() : parts_(new Parts()) {}
TrueSum::~TrueSum() {
  delete parts_;
}

void TrueSum::add(double value) {
  const double scaled = std::ldexp(value, 60);
  if (std::abs(scaled) < 0x1p100 && std::trunc(scaled) == scaled) {
    parts_->usual += static_cast<Parts::Wide>(scaled);
  } else {
    parts_->others += in_units(value);
  }
}

bool TrueSum::nearest_mean(double mean, std::uint64_t count) const {
  const cpp_int sum =
      parts_->others + cpp_int(parts_->usual) * (cpp_int(1) << static_cast<unsigned>(-60 - kUnitExponent));
  if (sum == 0 || mean == 0) return sum == 0 && mean == 0;
  const double infinity = std::numeric_limits<double>::infinity();
  const cpp_int twice = 2 * sum;
  return twice >= count * (in_units(mean) + in_units(std::nextafter(mean, -infinity))) &&
         twice <= count * (in_units(mean) + in_units(std::nextafter(mean, infinity)));
}

BruteForce::Judged BruteForce::write(const NamedReading& reading) {
  Readings& readings = rooms_[{reading.building, reading.room}][reading.quantity];
  const auto [at, fresh] = readings.try_emplace({reading.timestamp, reading.sensor}, reading.value);
  count_ += fresh ? 1 : 0;
  const bool same = at->second == reading.value;
  return {fresh ? Verdict::fresh : same ? Verdict::duplicate : Verdict::conflict, at->second};
}

BruteForce::Corrected BruteForce::replace(const NamedReading& reading) {
  Readings& readings = rooms_[{reading.building, reading.room}][reading.quantity];
  const auto [at, fresh] = readings.try_emplace({reading.timestamp, reading.sensor}, reading.value);
  count_ += fresh ? 1 : 0;
  if (fresh || at->second == reading.value) return fresh ? Corrected::fresh : Corrected::duplicate;
  at->second = reading.value;
  return Corrected::replaced;
}

const BruteForce::Readings* BruteForce::find(const std::string& building, const std::string& room,
                                             const std::string& quantity) const {
  const auto its_room = rooms_.find({building, room});
  if (its_room == rooms_.end()) return nullptr;
  const auto readings = its_room->second.find(quantity);
  return readings == its_room->second.end() ? nullptr : &readings->second;
}

std::string BruteForce::check(const answer::AverageQuery& query, const answer::Average& answer) const {
  static const Readings none;
  const Readings* all = find(query.building, query.room, query.quantity);
  if (all == nullptr) all = &none;

  TrueSum sum;
  std::uint64_t count = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -min;
  Timestamp first = kTimestampMax;
  Timestamp last = kTimestampMin;
  std::set<std::string> sensors;
  for (auto at = all->lower_bound({query.at - query.window + Duration(1), ""});
       at != all->end() && at->first.first <= query.at; ++at) {
    const auto& [moment, sensor] = at->first;
    if (query.sensor && sensor != *query.sensor) continue;
    ++count;
    sum.add(at->second);
    min = std::min(min, at->second);
    max = std::max(max, at->second);
    first = std::min(first, moment);
    last = std::max(last, moment);
    sensors.insert(sensor);
  }
  if (answer.count != count) return fmt::format("count {} is not {}", answer.count, count);
  if (answer.sensors != sensors.size()) return fmt::format("sensors {} is not {}", answer.sensors, sensors.size());
  if (count > 0) {
    if (answer.latest) return "an average beside a latest reading";
    if (!sum.nearest_mean(answer.value, count)) return fmt::format("{} is not the mean of {}", answer.value, count);
    if (answer.min != min || answer.max != max)
      return fmt::format("{}..{} is not {}..{}", answer.min, answer.max, min, max);
    if (answer.first != first || answer.last != last) return "first or last is wrong";
    return {};
  }
  // The newest at or before the moment; of sensors that share it, anyone's.
  std::optional<Timestamp> newest;
  std::set<double> values;
  for (auto at = all->upper_bound({query.at + Duration(1), ""}); at != all->begin();) {
    const auto& [identity, value] = *--at;
    if (identity.first > query.at || (query.sensor && identity.second != *query.sensor)) continue;
    if (newest && *newest != identity.first) break;
    newest = identity.first;
    values.insert(value);
  }
  if (newest.has_value() != answer.latest.has_value()) return "latest is there or not there wrongly";
  if (newest && (answer.latest->timestamp != *newest || !values.contains(answer.latest->value)))
    return "latest is wrong";
  return {};
}

std::uint64_t BruteForce::remove(const Scope& scope, Timestamp from, Timestamp to) {
  const auto room = rooms_.find({scope.building, scope.room});
  if (room == rooms_.end()) return 0;
  std::uint64_t gone = 0;
  for (auto& [quantity, readings] : room->second) {
    if (scope.quantity && quantity != *scope.quantity) continue;
    gone += std::erase_if(readings, [&](const auto& each) {
      const auto& [timestamp, sensor] = each.first;
      return timestamp >= from && timestamp < to && (!scope.sensor || sensor == *scope.sensor);
    });
  }
  drop_empty();
  return gone;
}

void BruteForce::forget(const Retention& retention, Timestamp now) {
  for (auto& [room, quantities] : rooms_) {
    for (auto& [quantity, readings] : quantities) {
      readings.erase(readings.begin(), readings.lower_bound({retention.keep_from(quantity, now), ""}));
    }
  }
  drop_empty();
}

void BruteForce::drop_empty() {
  for (auto& [room, quantities] : rooms_) {
    std::erase_if(quantities, [](const auto& each) { return each.second.empty(); });
  }
  std::erase_if(rooms_, [](const auto& each) { return each.second.empty(); });
}

std::vector<BruteForce::Row> BruteForce::readings(const answer::ReadingsQuery& query) const {
  std::vector<Row> rows;
  const Readings* all = find(query.building, query.room, query.quantity);
  if (all == nullptr) return rows;
  for (auto at = all->lower_bound({query.from, ""}); at != all->end() && at->first.first < query.to; ++at) {
    const auto& [moment, sensor] = at->first;
    if (!query.sensor || sensor == *query.sensor) rows.push_back({sensor, moment, at->second});
  }
  return rows;
}

}  // namespace temperature::pipeline
