#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <array>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "history/edited_history_for_test.h"
#include "history/verify.h"

// Erasing in a history, on memory and on disk alike.
namespace temperature::history {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

class Erase : public EditedHistory {};
INSTANTIATE_TEST_SUITE_P(Stores, Erase, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "rocks" : "memory"; });

TEST_P(Erase, takes_what_was_written_before_and_leaves_what_comes_after) {
  write(kErasedSeries, {{kErasedFrom, 1}, {kErasedFrom + minutes(1), 2}, {kErasedFrom + minutes(2), 3}});
  const Erased erased = erase(kErasedFrom + minutes(1), kErasedFrom + minutes(2));
  EXPECT_EQ(erased.samples, 1U);
  EXPECT_TRUE(erased.counted);
  EXPECT_EQ(extents().at(kErasedSeries).newest, (Sample{kErasedFrom + minutes(2), 3}));
  EXPECT_EQ(all(), (std::vector<Sample>{{kErasedFrom, 1}, {kErasedFrom + minutes(2), 3}}));
  write(kErasedSeries, {{kErasedFrom + minutes(1), 20}});
  EXPECT_EQ(all(),
            (std::vector<Sample>{{kErasedFrom, 1}, {kErasedFrom + minutes(1), 20}, {kErasedFrom + minutes(2), 3}}));
  ASSERT_TRUE(history->commit(Position(1), 0, {}));
  ASSERT_TRUE(history->settle());
  EXPECT_EQ(all(),
            (std::vector<Sample>{{kErasedFrom, 1}, {kErasedFrom + minutes(1), 20}, {kErasedFrom + minutes(2), 3}}));
  EXPECT_EQ(erase(kErasedFrom + minutes(5), kErasedFrom + days(9)).samples, 0U);
}

TEST_P(Erase, makes_the_extent_shrink) {
  write(kErasedSeries, {{kErasedFrom - days(70), 0}, {kErasedFrom, 1}, {kErasedFrom + minutes(1), 2}});
  write(SeriesId(1), {{kErasedFrom, 7}});
  erase(kErasedFrom + minutes(1), kTimestampMax);
  EXPECT_EQ(extents().at(kErasedSeries).newest, (Sample{kErasedFrom, 1}));
  erase(kErasedFrom - days(60), kErasedFrom + minutes(1));
  EXPECT_EQ(extents().at(kErasedSeries).newest, (Sample{kErasedFrom - days(70), 0}));
  const Erased last = erase(kErasedFrom - days(80), kErasedFrom - days(60));
  EXPECT_EQ(last.samples, 1U);
  EXPECT_FALSE(extents().contains(kErasedSeries));
  EXPECT_TRUE(extents().contains(SeriesId(1)));
  write(kErasedSeries, {{kErasedFrom - days(75), 5}});
  EXPECT_EQ(extents().at(kErasedSeries).newest, (Sample{kErasedFrom - days(75), 5}));
  EXPECT_EQ(all(), (std::vector<Sample>{{kErasedFrom - days(75), 5}}));
}

// Days and months, runs and single readings; whole volumes and parts of them.
TEST_P(Erase, equals_a_map) {
  std::mt19937_64 random(7);
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
  };
  std::array<std::map<Timestamp, double>, 3> tables;
  for (int step = 0; step < 120; ++step) {
    const SeriesId series(static_cast<std::uint32_t>(below(3)));
    auto& table = tables[series.value()];
    const Timestamp at = kErasedFrom + minutes(below(60 * 24 * 100));
    if (below(3) > 0) {
      std::map<Timestamp, double> run;
      const auto apart = below(2) == 0 ? Duration(1'000) : Duration(minutes(7));
      for (std::int64_t i = below(200); i >= 0; --i) run.emplace(at + i * apart, static_cast<double>(below(1'000)));
      std::erase_if(run, [&](const auto& each) { return table.contains(each.first); });
      table.insert(run.begin(), run.end());
      write(series, run);
    } else {
      const Timestamp to = at + (below(3) == 0 ? Duration(days(below(60) + 1)) : Duration(minutes(1 + below(500))));
      const auto begin = table.lower_bound(at);
      const auto end = table.lower_bound(to);
      const auto count = static_cast<std::uint64_t>(std::distance(begin, end));
      table.erase(begin, end);
      const Erased erased = erase(at, to, series);
      ASSERT_EQ(erased.samples, count);
      const auto left = extents();
      ASSERT_EQ(left.contains(series), !table.empty());
      if (!table.empty()) ASSERT_EQ(left.at(series).newest.timestamp, table.rbegin()->first);
    }
    if (below(20) == 0) {
      ASSERT_TRUE(history->commit(Position(static_cast<std::uint64_t>(step) + 1), 0, {}));
      ASSERT_TRUE(history->settle());
    }
    if (below(40) == 0 && GetParam()) open();
    for (std::uint32_t each = 0; each < 3; ++each) {
      std::vector<Sample> want;
      for (const auto& [timestamp, value] : tables[each]) want.push_back({timestamp, value});
      ASSERT_EQ(all(SeriesId(each)), want);
    }
  }
}

TEST(EraseVerify, finds_nothing_wrong_with_what_is_erased) {
  const temperature::testing::TemporaryFolder folder;
  for (const bool settled : {false, true}) {
    const auto path = folder.path() / (settled ? "settled" : "as it is");
    {
      auto history = RocksHistory::open({.path = path});
      ASSERT_TRUE(history);
      const std::vector<catalogue::Definition> definitions{
          catalogue::SeriesDefined{SeriesId(0), "main", "hall", "a", "temperature"},
          catalogue::SeriesDefined{SeriesId(1), "main", "hall", "b", "temperature"}};
      history::Run run{kErasedSeries, {{kErasedFrom, 1}, {kErasedFrom + minutes(1), 2}, {kErasedFrom + minutes(2), 3}}};
      history::Run other{SeriesId(1), {{kErasedFrom, 1}}};
      ASSERT_TRUE((*history)->write(std::vector{run, other}));
      ASSERT_TRUE((*history)->erase(kErasedSeries, kErasedFrom + minutes(1), kErasedFrom + days(1)));
      ASSERT_TRUE((*history)->erase(SeriesId(1), kErasedFrom, kErasedFrom + days(1)));
      ASSERT_TRUE((*history)->commit(Position(3), 0, definitions));
      if (settled) ASSERT_TRUE((*history)->settle());
    }
    auto inspection = Inspection::open(path);
    ASSERT_TRUE(inspection);
    catalogue::Catalogue catalogue(10);
    const auto told = [](const Damage& damage) { ADD_FAILURE() << damage.what; };
    inspection->read_definitions(catalogue, told);
    inspection->verify(catalogue, told, [](const Verified&) {});
  }
}

}  // namespace
}  // namespace temperature::history
