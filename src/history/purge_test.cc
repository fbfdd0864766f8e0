#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "history/rocks_history.h"
#include "history/stored_for_test.h"
#include "testing/temporary_folder.h"

// After a purge no file has what was erased; the files are read one by one, whatever the history shows.
namespace temperature::history {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

constexpr Timestamp kPurgedFrom = timestamp_from_ms(1'700'000'000'000);
constexpr Timestamp kPurgedTo = kPurgedFrom + days(3);

class Purge : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    history.reset();
    auto opened = RocksHistory::open({.path = folder.path() / "history"});
    ASSERT_TRUE(opened) << opened.error().detail;
    history = std::move(*opened);
  }
  // A reading a minute of three series, from two days before what is erased to two days behind it; in pieces, some of
  // which are tables already.
  void write_all() {
    for (int part = 0; part < 7; ++part) {
      for (std::uint32_t series = 0; series < 3; ++series) {
        history::Run run{SeriesId(series), {}};
        for (int i = 0; i < 1440; ++i) {
          const Timestamp at = kPurgedFrom + days(part - 2) + std::chrono::minutes(i);
          run.samples.push_back({at, 20 + i % 7 + 0.25 * series});
        }
        ASSERT_TRUE(history->write(std::span(&run, 1)));
      }
      if (part == 3) ASSERT_TRUE(history->settle());
    }
    // One that speaks every ten seconds, so in days, and only in what goes; its newest is the extent's.
    history::Run run{SeriesId(3), {}};
    for (int i = 0; i < 8640; ++i) run.samples.push_back({kPurgedFrom + hours(2) + seconds(10 * i), 1.5});
    ASSERT_TRUE(history->write(std::span(&run, 1)));
    ASSERT_TRUE(history->commit(Position(5), 0, {}));
  }
  void erase_all() {
    ASSERT_TRUE(history->purges().note({Position(6), kPurgedFrom, kPurgedTo}));
    for (const std::uint32_t series : {1U, 3U}) {
      ASSERT_TRUE(history->erase(SeriesId(series), kPurgedFrom, kPurgedTo));
    }
    ASSERT_TRUE(history->commit(Position(6), 0, {}));
  }
  [[nodiscard]] std::size_t found_in_files() const {
    const StoredSamples all = everything_decoded(folder.path() / "history");
    return static_cast<std::size_t>(std::ranges::count_if(all.samples, [](const auto& each) {
      const auto& [series, sample] = each;
      return (series == SeriesId(1) || series == SeriesId(3)) && sample.timestamp >= kPurgedFrom &&
             sample.timestamp < kPurgedTo;
    }));
  }
  void work() {
    for (int tries = 0; tries < 100; ++tries) {
      const auto worked = history->purges().work(Position(6));
      ASSERT_TRUE(worked) << worked.error().detail;
      if (*worked) return;
    }
    FAIL() << "it never ends";
  }
  std::size_t left(std::uint32_t series) {
    std::vector<Sample> samples;
    EXPECT_TRUE(history->read(SeriesId(series), kTimestampMin, kTimestampMax, 1'000'000, samples));
    return samples.size();
  }

  temperature::testing::TemporaryFolder folder;
  std::unique_ptr<RocksHistory> history;
};

TEST_F(Purge, leaves_nothing_of_what_was_erased_in_any_file) {
  write_all();
  EXPECT_GE(found_in_files(), 3U * 1440 + 8640);
  erase_all();
  EXPECT_GE(found_in_files(), 3U * 1440 + 8640) << "tombstones alone take nothing out of the files";
  work();
  EXPECT_EQ(found_in_files(), 0U);
  EXPECT_EQ(left(0), 7U * 1440);
  EXPECT_EQ(left(1), 4U * 1440);
  EXPECT_EQ(left(3), 0U);
  const StoredSamples all = everything_decoded(folder.path() / "history");
  EXPECT_EQ(all.tombstones, 0U);
  EXPECT_EQ(std::ranges::count_if(all.samples, [](const auto& each) { return each.first == SeriesId(0); }),
            7 * 1440 + 1)
      << "what stays is there once, and as the newest of its series";
}

TEST_F(Purge, takes_the_keys_of_which_nothing_is_left) {
  write_all();
  ASSERT_TRUE(history->settle());
  const std::size_t before = everything_decoded(folder.path() / "history").volumes;
  ASSERT_TRUE(history->purges().note({Position(6), kPurgedFrom, kPurgedTo}));
  // Not whole days, but all that was ever said in them.
  ASSERT_TRUE(history->erase(SeriesId(3), kPurgedFrom + hours(1), kPurgedTo));
  ASSERT_TRUE(history->commit(Position(6), 0, {}));
  work();
  EXPECT_EQ(everything_decoded(folder.path() / "history").volumes, before - 2) << "two days";
}

TEST_F(Purge, waits_for_a_view_that_still_sees_it) {
  write_all();
  std::vector<Sample> samples;
  {
    const auto view = history->view();
    erase_all();
    ASSERT_FALSE(history->purges().work(Position(6)).value());
    ASSERT_TRUE(view->read(SeriesId(3), kTimestampMin, kTimestampMax, 100'000, samples));
    EXPECT_EQ(samples.size(), 8640U);
  }
  work();
  EXPECT_EQ(found_in_files(), 0U);
}

TEST_F(Purge, is_remembered_until_it_is_done) {
  write_all();
  erase_all();
  const std::vector<PurgeNote> noted{{Position(6), kPurgedFrom, kPurgedTo}};
  EXPECT_EQ(history->purges().list(), noted);
  open();
  EXPECT_EQ(history->purges().list(), noted);
  EXPECT_GE(found_in_files(), 1U);
  work();
  EXPECT_EQ(found_in_files(), 0U);
  ASSERT_TRUE(history->purges().note({Position(7), kPurgedFrom, kPurgedTo}));
  ASSERT_TRUE(history->purges().done(Position(6)));
  EXPECT_EQ(history->purges().list(), (std::vector<PurgeNote>{{Position(7), kPurgedFrom, kPurgedTo}}));
  ASSERT_TRUE(history->purges().done(Position(7)));
  open();
  EXPECT_TRUE(history->purges().list().empty());
}

// Without a purge the keys go with merges.
TEST_F(Purge, is_not_needed_for_empty_keys_to_go_in_time) {
  write_all();
  ASSERT_TRUE(history->erase(SeriesId(3), kPurgedFrom + hours(1), kPurgedTo));
  ASSERT_TRUE(history->commit(Position(6), 0, {}));
  for (int again = 0; again < 3; ++again) {
    history::Run run{SeriesId(0), {{kPurgedFrom + hours(again), 1}}};
    ASSERT_TRUE(history->write(std::span(&run, 1)));
    run = {SeriesId(4), {{kPurgedFrom + hours(again), 1}, {kPurgedFrom + hours(again) + seconds(1), 1}}};
    ASSERT_TRUE(history->write(std::span(&run, 1)));
    ASSERT_TRUE(history->settle());
  }
  for (const auto& stored : rocks::everything_stored(
           folder.path() / "history", {"default", "extents", "definitions", "days", "months"}, make_piece_list())) {
    if (stored.family == "days") EXPECT_FALSE(stored.value.empty());
  }
}

}  // namespace
}  // namespace temperature::history
