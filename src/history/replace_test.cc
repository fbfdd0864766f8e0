#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <vector>

#include "base/time.h"
#include "history/edited_history_for_test.h"
#include "history/verify.h"

// Samples that take the places of others in a history, on memory and on disk alike.
namespace temperature::history {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Replace : public EditedHistory {
 protected:
  void replace(const std::map<Timestamp, double>& samples, SeriesId series = kErasedSeries) {
    std::vector<Sample> all;
    for (const auto& [timestamp, value] : samples) all.push_back({timestamp, value});
    ASSERT_TRUE(history->replace(series, all));
  }
  // Whatever the history shows, in each way in which it can be asked.
  void expect(const std::map<Timestamp, double>& table, SeriesId series = kErasedSeries) {
    std::vector<Sample> want;
    summary::Summary sums;
    for (const auto& [timestamp, value] : table) {
      want.push_back({timestamp, value});
      sums.add(want.back());
    }
    ASSERT_EQ(all(series), want);
    if (want.empty()) return;
    summary::Summary folded;
    const auto view = history->view();
    ASSERT_TRUE(view->fold(series, Steps::whole(want.front().timestamp, tick_after(want.back().timestamp)),
                           std::span(&folded, 1)));
    EXPECT_EQ(folded.count, sums.count);
    EXPECT_EQ(folded.sum.mean(folded.count), sums.sum.mean(sums.count));
    EXPECT_EQ(folded.min, sums.min);
    EXPECT_EQ(folded.max, sums.max);
    EXPECT_EQ(*view->last_at(series, kTimestampMax), want.back());
    const SeriesExtent extent = extents().at(series);
    EXPECT_LE(extent.oldest, want.front().timestamp);
    if (extent.exact) EXPECT_EQ(extent.newest, want.back());
    EXPECT_GE(extent.newest.timestamp, want.back().timestamp);
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Replace, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "rocks" : "memory"; });

TEST_P(Replace, takes_the_places_of_what_stands_there) {
  write(kErasedSeries, {{kErasedFrom, 1}, {kErasedFrom + minutes(1), -127}, {kErasedFrom + minutes(2), 3}});
  replace({{kErasedFrom + minutes(1), 2}});
  expect({{kErasedFrom, 1}, {kErasedFrom + minutes(1), 2}, {kErasedFrom + minutes(2), 3}});
  replace({{kErasedFrom + minutes(2), 30}, {kErasedFrom + minutes(4), 5}});  // the newest one, and where nothing was
  const std::map<Timestamp, double> now{
      {kErasedFrom, 1}, {kErasedFrom + minutes(1), 2}, {kErasedFrom + minutes(2), 30}, {kErasedFrom + minutes(4), 5}};
  expect(now);
  EXPECT_EQ(extents().at(kErasedSeries).newest, (Sample{kErasedFrom + minutes(4), 5}));
  write(kErasedSeries, {{kErasedFrom + minutes(2), 3}, {kErasedFrom + minutes(4), 6}});  // what stands there stays
  expect(now);
  ASSERT_TRUE(history->commit(Position(1), 0, {}));
  ASSERT_TRUE(history->settle());
  expect(now);
  EXPECT_EQ(erase(kErasedFrom + minutes(1), kErasedFrom + minutes(3)).samples, 2U);
  expect({{kErasedFrom, 1}, {kErasedFrom + minutes(4), 5}});
}

TEST_P(Replace, in_a_series_that_has_nothing_adds) {
  replace({{kErasedFrom, 1}, {kErasedFrom + days(40), 2}}, SeriesId(5));
  expect({{kErasedFrom, 1}, {kErasedFrom + days(40), 2}}, SeriesId(5));
  ASSERT_TRUE(history->replace(SeriesId(6), {}));
  EXPECT_TRUE(all(SeriesId(6)).empty());
}

TEST_P(Replace, makes_a_newest_that_is_a_bound_exact_again) {
  write(kErasedSeries, {{kErasedFrom, 1}, {kErasedFrom + minutes(1), 2}});
  replace({{kErasedFrom + minutes(1), 7}});
  const auto extent = extents().at(kErasedSeries);
  EXPECT_TRUE(extent.exact);
  EXPECT_EQ(extent.newest, (Sample{kErasedFrom + minutes(1), 7}));
}

// All of a dense stretch, every second one of it, and some of each day: many in one volume.
TEST_P(Replace, takes_very_many_at_once) {
  std::map<Timestamp, double> table;
  for (int i = 0; i < 50'000; ++i) table.emplace(kErasedFrom + seconds(i), i % 1'000);
  write(kErasedSeries, table);
  ASSERT_TRUE(history->commit(Position(1), 0, {}));
  for (const auto& [begin, end, by] :
       {std::array{0, 50'000, 1}, std::array{1, 40'001, 2}, std::array{100, 50'000, 3'000}}) {
    std::map<Timestamp, double> right;
    for (int i = begin; i < end; i += by) right.emplace(kErasedFrom + seconds(i), i + 0.5 * by);
    replace(right);
    for (const auto& [timestamp, value] : right) table[timestamp] = value;
    expect(table);
    ASSERT_TRUE(history->settle());
    expect(table);
  }
}

// Among writes and erasures, in days and months, merged and not, and after a restart.
TEST_P(Replace, equals_a_map) {
  std::mt19937_64 random(11);
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
  };
  std::array<std::map<Timestamp, double>, 3> tables;
  for (int step = 0; step < 200; ++step) {
    const SeriesId series(static_cast<std::uint32_t>(below(3)));
    auto& table = tables[series.value()];
    const Timestamp at = kErasedFrom + minutes(below(60L * 24 * 70));
    const auto kind = below(5);
    if (kind == 0) {
      const Timestamp to = at + (below(3) == 0 ? Duration(days(below(30) + 1)) : Duration(minutes(1 + below(500))));
      table.erase(table.lower_bound(at), table.lower_bound(to));
      erase(at, to, series);
    } else {
      std::map<Timestamp, double> run;
      const auto apart = below(2) == 0 ? Duration(1'000) : Duration(minutes(7));
      for (std::int64_t i = below(200); i >= 0; --i) run.emplace(at + i * apart, static_cast<double>(below(1'000)));
      if (kind < 3) {
        std::erase_if(run, [&](const auto& each) { return table.contains(each.first); });
        write(series, run);
      } else {
        auto stored = table.lower_bound(at);
        for (std::int64_t i = below(300); i > 0 && stored != table.end(); --i, ++stored) {
          if (below(4) > 0) run[stored->first] = static_cast<double>(below(1'000));
        }
        replace(run, series);
      }
      for (const auto& [timestamp, value] : run) table[timestamp] = value;
    }
    if (below(20) == 0) ASSERT_TRUE(history->commit(Position(1), 0, {}));
    if (below(20) == 0) ASSERT_TRUE(history->settle());
    if (GetParam() && below(30) == 0) {
      ASSERT_TRUE(history->commit(Position(1), 0, {}));
      open();
    }
    expect(table, series);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace temperature::history
