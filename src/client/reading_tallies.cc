#include "client/reading_tallies.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "client/bounds.h"
#include "client/printable.h"
#include "client/problem.h"

namespace temperature::client {
namespace {

constexpr std::string_view kTalliedType = "application/x-ndjson";
constexpr int kTriesMax = 5;  // of one room's stream
constexpr std::size_t kRefusedLineBytesMax = 200;

// Reads the lines of one stream.
class TallyStream {
 public:
  // False: a line is no reading, and error() says so.
  bool take(std::string_view bytes) {
    rest_ += bytes;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1) {
      if (!take_line(std::string_view(rest_).substr(begin, end - begin))) return false;
    }
    rest_.erase(0, begin);
    return rest_.size() <= kRecordBytesMax || refuse(rest_);
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] bool complete() const { return rest_.empty(); }
  Tallies& tallies() { return tallies_; }

 private:
  bool take_line(std::string_view line) {
    simdjson::dom::element row;
    if (parser_.parse(line.data(), line.size()).get(row) != simdjson::SUCCESS) return refuse(line);
    const std::string_view sensor = text_at(row, "sensor");
    const auto time = parse_rfc3339(text_at(row, "timestamp"));
    const auto value = value_at(row, line);
    if (sensor.empty() || !time || !value) return refuse(line);
    tallies_.days[{day_of(*time), std::string(sensor)}].add(*time, *value);
    tallies_.newest = std::max(tallies_.newest, *time);
    return true;
  }

  bool refuse(std::string_view line) {
    error_ = not_understood(fmt::format("a line of it is \"{}\"", printable(line, kRefusedLineBytesMax))).error();
    return false;
  }

  simdjson::dom::parser parser_;
  std::string rest_;
  Tallies tallies_;
  std::optional<Error> error_;
};

std::string tallied_address(const TalliedRoom& room, const TallySpan& span) {
  std::vector<std::pair<std::string_view, std::string>> parameters{
      {"building", room.building}, {"room", room.room}, {"quantity", room.quantity}, {"format", "ndjson"}};
  if (span.from) parameters.emplace_back("from", format_timestamp(*span.from));
  if (span.to) parameters.emplace_back("to", format_timestamp(*span.to));
  return address("/v1/readings", parameters);
}

}  // namespace

void Tally::add(Timestamp time, double value) {
  ++count;
  // A signed number is extended by its sign, and all is modulo 2^128.
  const auto bits = static_cast<Uint128>(std::bit_cast<std::int64_t>(value));
  sum += (2 * bits + 1) * static_cast<Uint128>(to_ms(time));
}

std::int32_t day_of(Timestamp time) {
  return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
}

Timestamp beginning_of(std::int32_t day) {
  return Timestamp(std::chrono::sys_days(std::chrono::days(day)));
}

Result<Tallies> tallies_of_service(HttpClient& client, Pause& pause, const TalliedRoom& room, const TallySpan& span) {
  for (int tries = 1;; ++tries) {
    TallyStream stream;
    const auto answer = client.stream(tallied_address(room, span), kTalliedType, [&](std::string_view bytes) {
      return stream.take(bytes) && !pause.interrupted();
    });
    if (pause.interrupted()) return failure(ErrorCode::startup, "interrupted");
    if (stream.error()) return std::unexpected(*stream.error());
    if (answer && answer->status == 200) {
      if (answer->content_type != kTalliedType || !stream.complete()) {
        return not_understood("its readings are no whole lines");
      }
      return std::move(stream.tallies());
    }
    if (answer && is_refused_with(*answer, ErrorCode::room_unknown)) return Tallies();
    Error why = answer ? problem_of(*answer, "the service does not give its readings") : answer.error();
    const bool passing = !answer || answer->status == 429 || answer->status >= 500;
    if (!passing || tries == kTriesMax) return std::unexpected(std::move(why));
    if (!pause.wait(backoff(tries + 1, 0.5))) return failure(ErrorCode::startup, "interrupted");
  }
}

Result<Tallies> tallies_of_database(postgres::Connection& connection, const TalliedRoom& room, const TallySpan& span) {
  postgres::Parameters parameters;
  parameters.text(room.building);
  parameters.text(room.room);
  parameters.text(room.quantity);
  parameters.timestamp(span.from.value_or(kTimestampMin));
  parameters.timestamp(span.to.value_or(kTimestampMax));
  const auto rows = connection.run(
      "SELECT sensor, floor(ms / 86400000.0)::int8, count(*)::int8, "
      "mod(sum((2 * bits::numeric + 1) * ms), 340282366920938463463374607431768211456)::text "  // 2^128
      "FROM (SELECT s.sensor, floor(extract(epoch FROM r.time) * 1000)::int8 AS ms, "
      "('x' || encode(float8send(r.value), 'hex'))::bit(64)::int8 AS bits "
      "FROM temperature_service.series s JOIN temperature_service.readings r ON r.series = s.id "
      "WHERE s.building = $1 AND s.room = $2 AND s.quantity = $3 AND r.time >= $4 AND r.time < $5) of_room "
      "GROUP BY 1, 2",
      parameters);
  if (!rows) return std::unexpected(postgres::as_error("the database's readings cannot be compared", rows.error()));
  Tallies tallies;
  for (int row = 0; row < rows->count(); ++row) {
    Tally& tally = tallies.days[{static_cast<std::int32_t>(rows->int8(row, 1)), std::string(rows->text(row, 0))}];
    tally.count = static_cast<std::uint64_t>(rows->int8(row, 2));
    // A remainder with a sign, in digits.
    std::string_view digits = rows->text(row, 3);
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    for (const char digit : digits) tally.sum = tally.sum * 10 + static_cast<Uint128>(digit - '0');
    if (negative) tally.sum = 0 - tally.sum;
  }
  return tallies;
}

}  // namespace temperature::client
