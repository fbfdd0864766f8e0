#include "client/repeated_hours.h"

#include <gtest/gtest.h>

#include <vector>

#include "client/written_time.h"

namespace temperature::client {
namespace {

struct TimedRow {
  std::string series;
  std::string local;  // on 2026-10-25 in Berlin, where 02:00 to 03:00 comes twice
};

// What each row that comes twice is told to be: "e"arlier, "l"ater, or "-" for what cannot be told.
std::string told(const std::vector<TimedRow>& rows) {
  const auto zone = TimeZone::named("Europe/Berlin");
  if (!zone) return zone.error().detail;
  RepeatedHours hours;
  const auto moments = [&](const TimedRow& row) {
    return zone->moments_of(read_plain_time("2026-10-25 " + row.local).value().local);
  };
  std::uint64_t line = 1;
  for (const TimedRow& row : rows) {
    hours.learn(row.series, read_plain_time("2026-10-25 " + row.local).value().local, moments(row), line++);
  }
  if (!hours.check()) return "too many";
  std::string text;
  line = 1;
  for (const TimedRow& row : rows) {
    const LocalMoments both = moments(row);
    if (both.kind == LocalMoments::Kind::two) {
      const auto moment = hours.tell(row.series, both, line);
      text += !moment ? "-" : *moment == both.earlier ? "e" : "l";
    }
    ++line;
  }
  return text;
}

std::vector<TimedRow> of_one(const std::vector<std::string>& locals) {
  std::vector<TimedRow> rows;
  for (const std::string& local : locals) rows.push_back({"s", local});
  return rows;
}

TEST(RepeatedHours, are_told_by_the_step_back) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"01:30", "02:00", "02:30", "02:00", "02:30", "03:00"}, "eell"},
      {{"02:10", "02:40", "02:10", "02:40"}, "eell"},  // the file is nothing but these hours
      {{"01:30", "02:30", "02:30", "03:30"}, "el"},    // one reading an hour
      {{"01:00", "02:00", "02:59", "02:01", "03:00"}, "eel"},
      {{"02:40", "02:00", "03:00"}, "el"},
      // No step: either hour.
      {{"01:30", "02:00", "02:30", "03:00"}, "--"},
      {{"02:30"}, "-"},
      {{"01:00", "02:30"}, "-"},
      // Newest first, twice over, and back and forth: nothing is told.
      {{"03:00", "02:30", "02:00", "02:30", "02:00", "01:30"}, "----"},
      {{"02:30", "02:00", "02:30", "02:00", "01:30"}, "----"},
      {{"02:00", "02:00", "01:00"}, "--"},
      {{"02:00", "02:30", "02:00", "02:30", "02:00"}, "-----"},
      {{"01:00", "02:30", "02:00", "03:00", "02:15"}, "---"},
  };
  for (const auto& [locals, want] : cases) EXPECT_EQ(told(of_one(locals)), want) << locals.front() << " " << want;
}

TEST(RepeatedHours, are_told_for_each_series_by_itself) {
  EXPECT_EQ(told({{"a", "02:00"}, {"b", "02:00"}, {"a", "02:30"}, {"b", "02:30"}, {"a", "02:00"}, {"b", "02:40"}}),
            "e-e-l-");
}

}  // namespace
}  // namespace temperature::client
