#include <fmt/format.h>

#include <cmath>

#include "pipeline/brute_force.h"

// Buckets of history in the plainest way: each one's readings in a list.
namespace temperature::pipeline {
namespace {

using answer::Aggregate;
using answer::BucketValues;

struct Listed {
  std::vector<double> values;
  Timestamp first_moment;
  Timestamp last_moment;
  double first = 0;
  double last = 0;

  // In order of time.
  void add(Timestamp moment, double value) {
    if (values.empty() || (moment == first_moment && value < first)) first = value;
    if (values.empty()) first_moment = moment;
    if (values.empty() || moment != last_moment || value > last) last = value;
    last_moment = moment;
    values.push_back(value);
  }
};

// In two passes. With 113 bits, any two doubles are at least 2^60 times as far apart as what rounding does to the mean.
double deviation_of(const std::vector<double>& values) {
  using Wide = __float128;
  Wide sum = 0;
  for (const double value : values) sum += value;
  const Wide mean = sum / static_cast<Wide>(values.size());
  Wide squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const Wide variance = squares / static_cast<Wide>(values.size());
  return static_cast<double>(std::sqrt(static_cast<long double>(variance)));  // which has the same range
}

std::string check_values(const answer::HistoryQuery& query, const BucketValues& got, const Listed& want) {
  TrueSum sum;
  for (const double value : want.values) sum.add(value);
  const auto [min, max] = std::ranges::minmax(want.values);
  if (!sum.nearest_mean(got.mean, want.values.size())) return fmt::format("{} is not the mean", got.mean);
  if (got.min != min || got.max != max) return fmt::format("{}..{} is not {}..{}", got.min, got.max, min, max);
  if (got.first != want.first) return fmt::format("first {} is not {}", got.first, want.first);
  if (got.last != want.last) return fmt::format("last {} is not {}", got.last, want.last);
  if (!query.wants(Aggregate::stddev)) return {};
  const double deviation = min == max ? 0 : deviation_of(want.values);
  if (std::abs(got.stddev - deviation) <= deviation * 1e-12) return {};
  return fmt::format("stddev {} is not {}", got.stddev, deviation);
}

}  // namespace

std::string BruteForce::check(const answer::HistoryQuery& query,
                              const std::vector<answer::HistoryBucket>& buckets) const {
  std::map<std::pair<std::int64_t, std::size_t>, Listed> listed;  // by number and room
  for (std::size_t room = 0; room < query.rooms.size(); ++room) {
    const Readings* all = find(query.building, query.rooms[room], query.quantity);
    if (all == nullptr) continue;
    for (auto at = all->lower_bound({query.from, ""}); at != all->end() && at->first.first < query.to; ++at) {
      const auto& [moment, sensor] = at->first;
      if (query.sensor && sensor != *query.sensor) continue;
      listed[{(moment - query.from) / query.step, room}].add(moment, at->second);
    }
  }
  static const Listed nothing;
  if (query.fill != answer::Fill::none) {
    for (std::int64_t i = 0; query.from + i * query.step < query.to; ++i) {
      for (std::size_t room = 0; room < query.rooms.size(); ++room) listed.try_emplace({i, room}, nothing);
    }
  }
  if (buckets.size() != listed.size()) return fmt::format("{} buckets are not {}", buckets.size(), listed.size());
  std::vector<const Listed*> previous(query.rooms.size());
  auto got = buckets.begin();
  for (const auto& [place, want] : listed) {
    const auto [number, room] = place;
    const std::string which = fmt::format("bucket {} of {}: ", number, query.rooms[room]);
    if (got->room != room || got->start != query.from + number * query.step) return which + "is not there";
    if (got->end != std::min(query.from + (number + 1) * query.step, query.to)) return which + "ends elsewhere";
    if (got->count != want.values.size()) return which + fmt::format("{} is not {}", got->count, want.values.size());
    if (!want.values.empty()) previous[room] = &want;
    const bool carries = !want.values.empty() || query.fill == answer::Fill::previous;
    const Listed* values = carries ? previous[room] : nullptr;
    if (got->values.has_value() != (values != nullptr)) return which + "values are there or not wrongly";
    if (values != nullptr) {
      if (const auto wrong = check_values(query, *got->values, *values); !wrong.empty()) return which + wrong;
    }
    ++got;
  }
  return {};
}

}  // namespace temperature::pipeline
