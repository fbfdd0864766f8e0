#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "history/shelf.h"

// What every history owes to the flusher who writes it and to those who read it.
namespace temperature::history {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kDayBegins = Timestamp(days(19'675));  // 2023-11-14
constexpr Timestamp kNoon = kDayBegins + hours(12);
constexpr SeriesId kStove{0};
constexpr SeriesId kWindow{1};

template <class Shelf>
class HistoryContract : public ::testing::Test {
 protected:
  void SetUp() override { history = shelf.open(); }
  void restart() {
    shelf.put_back(std::move(history));
    history = shelf.open();
  }
  void write(SeriesId series, std::vector<Sample> samples) {
    const std::vector<history::Run> runs{{series, std::move(samples)}};
    ASSERT_TRUE(history->write(runs));
  }
  void commit(std::uint64_t safe, std::vector<catalogue::Definition> definitions = {}) {
    const auto committed = history->commit(Position(safe), history->definitions_stored(), definitions);
    ASSERT_TRUE(committed) << committed.error().detail;
  }
  void flush(SeriesId series, std::vector<Sample> samples, std::uint64_t safe) {
    write(series, std::move(samples));
    commit(safe);
  }
  std::vector<Sample> read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit = SIZE_MAX) {
    std::vector<Sample> samples;
    EXPECT_TRUE(history->read(series, from, to, limit, samples));
    return samples;
  }
  std::optional<double> find(SeriesId series, Timestamp timestamp) {
    const auto found = history->view()->find(series, timestamp);
    EXPECT_TRUE(found) << found.error().detail;
    return found ? found->value : std::nullopt;
  }
  std::optional<Sample> last_at(SeriesId series, Timestamp at) {
    const auto found = history->view()->last_at(series, at);
    EXPECT_TRUE(found) << found.error().detail;
    return found.value_or(std::nullopt);
  }
  std::map<SeriesId, SeriesExtent> extents() {
    std::map<SeriesId, SeriesExtent> found;
    EXPECT_TRUE(history->read_extents([&](const SeriesExtent& extent) { found.emplace(extent.series, extent); }));
    return found;
  }

  Shelf shelf;
  std::unique_ptr<History> history;
};

class Name {
 public:
  template <class Shelf>
  static std::string GetName(int) {
    return std::is_same_v<Shelf, MemoryShelf> ? "MemoryHistory" : "RocksHistory";
  }
};
using Shelves = ::testing::Types<MemoryShelf, RocksShelf>;
TYPED_TEST_SUITE(HistoryContract, Shelves, Name);

TYPED_TEST(HistoryContract, begins_empty) {
  EXPECT_EQ(this->history->safe_position(), Position());
  EXPECT_EQ(this->history->definitions_stored(), 0U);
  EXPECT_TRUE(definitions_of(*this->history).empty());
  EXPECT_TRUE(this->extents().empty());
  EXPECT_TRUE(all_of(*this->history, kStove).empty());
  EXPECT_EQ(this->find(kStove, kNoon), std::nullopt);
  EXPECT_EQ(this->last_at(kStove, kNoon), std::nullopt);
}

TYPED_TEST(HistoryContract, keeps_samples_definitions_and_position_over_a_restart) {
  this->write(kStove, {{kNoon, 21.5}, {kNoon + seconds(1), 21.75}});
  this->commit(7, {sensor(0), catalogue::UnitDefined{"co2", "ppm"}});
  this->write(kWindow, {{kNoon, -3}});
  this->commit(9, {sensor(1)});
  for (int run = 0; run < 3; ++run) {
    EXPECT_EQ(this->history->safe_position(), Position(9));
    EXPECT_EQ(this->history->definitions_stored(), 3U);
    EXPECT_EQ(definitions_of(*this->history),
              (std::vector<catalogue::Definition>{sensor(0), catalogue::UnitDefined{"co2", "ppm"}, sensor(1)}));
    EXPECT_EQ(all_of(*this->history, kStove), (std::vector<Sample>{{kNoon, 21.5}, {kNoon + seconds(1), 21.75}}));
    EXPECT_EQ(all_of(*this->history, kWindow), (std::vector<Sample>{{kNoon, -3}}));
    this->restart();
  }
}

TYPED_TEST(HistoryContract, takes_a_commit_without_samples) {
  this->commit(5);
  this->restart();
  EXPECT_EQ(this->history->safe_position(), Position(5));
}

TYPED_TEST(HistoryContract, is_not_harmed_by_samples_that_were_written_and_never_committed) {
  this->flush(kStove, {{kNoon, 20}}, 3);
  this->write(kStove, {{kNoon + seconds(1), 21}});
  this->restart();  // the journal delivers again what is behind position 3
  EXPECT_EQ(this->history->safe_position(), Position(3));
  this->flush(kStove, {{kNoon + seconds(1), 21}, {kNoon + seconds(2), 22}}, 5);
  const std::vector<Sample> want{{kNoon, 20}, {kNoon + seconds(1), 21}, {kNoon + seconds(2), 22}};
  EXPECT_EQ(all_of(*this->history, kStove), want);
  EXPECT_EQ(this->extents().at(kStove).newest, want.back());
  this->restart();
  EXPECT_EQ(all_of(*this->history, kStove), want);
  EXPECT_EQ(this->history->safe_position(), Position(5));
}

TYPED_TEST(HistoryContract, keeps_its_position_when_a_commit_fails_and_takes_it_again_after_a_restart) {
  this->write(kStove, {{kNoon, 20}});
  this->commit(3, {sensor(0)});
  this->write(kStove, {{kNoon + seconds(1), 21}});
  this->shelf.fail_next_commit();
  const std::vector<catalogue::Definition> more{sensor(1)};
  EXPECT_FALSE(this->history->commit(Position(4), 1, more));
  EXPECT_EQ(this->history->safe_position(), Position(3));
  EXPECT_EQ(this->history->definitions_stored(), 1U);
  EXPECT_EQ(this->read(kStove, kNoon, kNoon + kTick), (std::vector<Sample>{{kNoon, 20}}));
  this->restart();
  // Whether it was kept was unknown: all of it, or nothing.
  const std::uint64_t safe = this->history->safe_position().value();
  ASSERT_TRUE(safe == 3 || safe == 4) << safe;
  EXPECT_EQ(this->history->definitions_stored(), safe == 3 ? 1U : 2U);
  this->write(kStove, {{kNoon + seconds(1), 21}});
  this->commit(5);
  EXPECT_EQ(all_of(*this->history, kStove), (std::vector<Sample>{{kNoon, 20}, {kNoon + seconds(1), 21}}));
}

TYPED_TEST(HistoryContract, takes_flushes_again_when_a_full_disk_has_space_again) {
  this->flush(kStove, {{kNoon, 20}}, 3);
  this->write(kStove, {{kNoon + seconds(1), 21}});
  this->shelf.fill_disk_for_next_commit();
  EXPECT_FALSE(this->history->commit(Position(4), 0, {}));
  // The flusher tries again and again, with what has come in meanwhile.
  const std::vector<Sample> late{{kNoon + seconds(1), 21}, {kNoon + seconds(2), 22}};
  const std::vector<history::Run> runs{{kStove, late}};
  bool taken = false;
  for (int attempt = 0; attempt < 1000 && !taken; ++attempt) {
    taken = this->history->write(runs) && this->history->commit(Position(5), 0, {});
    if (!taken) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ASSERT_TRUE(taken);
  const std::vector<Sample> want{{kNoon, 20}, {kNoon + seconds(1), 21}, {kNoon + seconds(2), 22}};
  EXPECT_EQ(all_of(*this->history, kStove), want);
  this->restart();
  EXPECT_EQ(this->history->safe_position(), Position(5));
  EXPECT_EQ(all_of(*this->history, kStove), want);
  EXPECT_EQ(this->extents().at(kStove).newest, want.back());
}

TYPED_TEST(HistoryContract, keeps_the_first_value_of_a_moment) {
  this->flush(kStove, {{kNoon, 20}, {kNoon + seconds(1), 21}}, 1);
  this->flush(kStove, {{kNoon, 99}, {kNoon + seconds(1), 99}, {kNoon + seconds(2), 22}}, 2);
  const std::vector<Sample> want{{kNoon, 20}, {kNoon + seconds(1), 21}, {kNoon + seconds(2), 22}};
  EXPECT_EQ(all_of(*this->history, kStove), want);
  this->restart();
  EXPECT_EQ(all_of(*this->history, kStove), want);
  EXPECT_EQ(this->find(kStove, kNoon), 20.0);
}

TYPED_TEST(HistoryContract, keeps_the_first_value_where_a_later_flush_begins_earlier) {
  this->flush(kStove, {{kNoon + seconds(5), 25}, {kNoon + seconds(9), 29}}, 1);
  this->flush(kStove, {{kNoon, 20}, {kNoon + seconds(5), 99}, {kNoon + seconds(9), 99}}, 2);
  EXPECT_EQ(all_of(*this->history, kStove),
            (std::vector<Sample>{{kNoon, 20}, {kNoon + seconds(5), 25}, {kNoon + seconds(9), 29}}));
  EXPECT_EQ(this->extents().at(kStove).newest, (Sample{kNoon + seconds(9), 29}));
  EXPECT_EQ(this->find(kStove, kNoon + seconds(5)), 25.0);
  EXPECT_EQ(this->last_at(kStove, kNoon + seconds(9)), (Sample{kNoon + seconds(9), 29}));
  EXPECT_EQ(this->read(kStove, kNoon + seconds(9), kNoon + minutes(1)),
            (std::vector<Sample>{{kNoon + seconds(9), 29}}));
}

TYPED_TEST(HistoryContract, reads_from_inclusive_to_exclusive) {
  this->flush(kStove, {{kNoon, 20}, {kNoon + kTick, 21}, {kNoon + 2 * kTick, 22}}, 1);
  EXPECT_EQ(this->read(kStove, kNoon, kNoon + 2 * kTick), (std::vector<Sample>{{kNoon, 20}, {kNoon + kTick, 21}}));
  EXPECT_EQ(this->read(kStove, kNoon + kTick, kNoon + 2 * kTick), (std::vector<Sample>{{kNoon + kTick, 21}}));
  EXPECT_TRUE(this->read(kStove, kNoon, kNoon).empty());
  EXPECT_TRUE(this->read(kStove, kNoon + minutes(1), kNoon).empty());
}

TYPED_TEST(HistoryContract, appends_what_it_reads) {
  this->flush(kStove, {{kNoon, 20}}, 1);
  std::vector<Sample> samples{{kNoon + hours(1), 99}};
  ASSERT_TRUE(this->history->read(kStove, kTimestampMin, kTimestampMax, 10, samples));
  EXPECT_EQ(samples, (std::vector<Sample>{{kNoon + hours(1), 99}, {kNoon, 20}}));
}

TYPED_TEST(HistoryContract, keeps_days_apart_and_reads_over_them) {
  std::vector<Sample> samples;
  for (int day = 0; day < 4; ++day) {
    for (const Duration at : {Duration(0), Duration(hours(12)), Duration(days(1)) - kTick}) {
      samples.push_back({kDayBegins + days(day) + at, static_cast<double>(samples.size())});
    }
  }
  this->flush(kStove, samples, 1);
  EXPECT_EQ(all_of(*this->history, kStove), samples);
  for (std::size_t from = 0; from < samples.size(); ++from) {
    for (std::size_t to = from; to < samples.size(); ++to) {
      const std::vector<Sample> want(samples.begin() + static_cast<long>(from),
                                     samples.begin() + static_cast<long>(to));
      EXPECT_EQ(this->read(kStove, samples[from].timestamp, samples[to].timestamp), want);
    }
    for (const std::size_t limit : {0, 1, 2, 3, 5, 100}) {
      const std::size_t end = std::min(samples.size(), from + limit);
      const std::vector<Sample> want(samples.begin() + static_cast<long>(from),
                                     samples.begin() + static_cast<long>(end));
      EXPECT_EQ(this->read(kStove, samples[from].timestamp, kTimestampMax, limit), want);
    }
  }
}

TYPED_TEST(HistoryContract, finds_the_newest_sample_up_to_a_moment) {
  this->flush(kStove, {{kDayBegins - days(40), 1}, {kDayBegins - kTick, 2}, {kNoon, 3}}, 1);
  this->flush(kStove, {{kDayBegins + hours(1), 4}}, 2);
  this->flush(kWindow, {{kDayBegins - days(2), 5}}, 3);
  const auto last = [this](SeriesId series, Timestamp at) {
    const auto found = this->last_at(series, at);
    return found ? found->value : 0;
  };
  EXPECT_EQ(last(kStove, kTimestampMax), 3);
  EXPECT_EQ(last(kStove, kNoon), 3);
  EXPECT_EQ(last(kStove, kNoon - kTick), 4);
  EXPECT_EQ(last(kStove, kDayBegins), 2);
  EXPECT_EQ(last(kStove, kDayBegins - kTick), 2);
  EXPECT_EQ(last(kStove, kDayBegins - 2 * kTick), 1);
  EXPECT_EQ(last(kStove, kDayBegins - days(41)), 0);
  EXPECT_EQ(last(kStove, kTimestampMin), 0);
  EXPECT_EQ(last(kWindow, kNoon), 5);
  EXPECT_EQ(last(kWindow, kDayBegins - days(3)), 0);
  EXPECT_EQ(last(SeriesId(2), kTimestampMax), 0);
}

TYPED_TEST(HistoryContract, finds_a_moment_and_no_other) {
  this->flush(kStove, {{kDayBegins - kTick, 1}, {kDayBegins, 2}, {kNoon, 3}}, 1);
  EXPECT_EQ(this->find(kStove, kDayBegins - kTick), 1.0);
  EXPECT_EQ(this->find(kStove, kDayBegins), 2.0);
  EXPECT_EQ(this->find(kStove, kDayBegins + kTick), std::nullopt);
  EXPECT_EQ(this->find(kWindow, kDayBegins), std::nullopt);
  EXPECT_EQ(this->find(kStove, kTimestampMax), std::nullopt);
  EXPECT_EQ(this->find(kStove, kTimestampMin), std::nullopt);
}

// Who is told of a gap looks no more for what lies in it.
TYPED_TEST(HistoryContract, has_nothing_in_a_gap) {
  this->flush(kStove, {{kDayBegins, 1.0}, {kDayBegins + days(4), 2.0}}, 1);  // seldom
  std::vector<Sample> busy;
  for (int i = 0; i < 1000; ++i) busy.push_back({kDayBegins + days(2) + seconds(i), 3.0});
  this->flush(kStove, busy, 2);
  for (const Duration at : {hours(30), hours(47), hours(60), hours(80)}) {
    const auto found = this->history->view()->find(kStove, kDayBegins + at);
    ASSERT_TRUE(found && !found->value);
    EXPECT_LE(found->gap_from, kDayBegins + at);
    EXPECT_GT(found->gap_to, kDayBegins + at);
    EXPECT_TRUE(this->read(kStove, found->gap_from, found->gap_to).empty()) << "around " << at.count() << " ms";
  }
}

TYPED_TEST(HistoryContract, widens_extents_with_each_flush) {
  this->flush(kStove, {{kNoon, 20}, {kNoon + hours(1), 21}}, 1);
  this->flush(kWindow, {{kNoon, 5}}, 2);
  this->flush(kStove, {{kDayBegins, 10}, {kDayBegins + hours(1), 11}}, 3);  // late ones
  for (int run = 0; run < 2; ++run) {
    const auto extents = this->extents();
    ASSERT_EQ(extents.size(), 2U);
    EXPECT_EQ(extents.at(kStove).oldest, kDayBegins);
    EXPECT_EQ(extents.at(kStove).newest, (Sample{kNoon + hours(1), 21}));
    EXPECT_EQ(extents.at(kWindow).oldest, kNoon);
    EXPECT_EQ(extents.at(kWindow).newest, (Sample{kNoon, 5}));
    this->restart();
  }
}

TYPED_TEST(HistoryContract, stops_reading_definitions_when_one_is_refused) {
  this->commit(1, {sensor(0), sensor(1), sensor(2)});
  int taken = 0;
  const auto read = this->history->read_definitions([&](const catalogue::Definition&) -> Result<void> {
    if (++taken == 2) return failure(ErrorCode::journal_damaged, "refused");
    return {};
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().detail, "refused");
  EXPECT_EQ(taken, 2);
}

// The history against a table of first values, over random flushes, restarts and questions.
TYPED_TEST(HistoryContract, answers_as_a_table_of_first_values_does) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const SeriesId base(static_cast<std::uint32_t>(seed * 1000));  // series of its own: no two rounds meet
    const auto series = [&] { return SeriesId(base.value() + static_cast<std::uint32_t>(random() % 3)); };
    const auto moment = [&] { return kDayBegins + minutes(random() % 4000); };  // almost three days
    std::map<SeriesId, std::map<Timestamp, double>> table;
    for (std::uint64_t step = 1; step <= 30; ++step) {
      const SeriesId id = series();
      std::map<Timestamp, double> run;
      for (std::size_t i = random() % 300; i > 0; --i)
        run.emplace(moment(), static_cast<double>(random() % 10'000) / 100);
      std::vector<Sample> samples;
      for (const auto& [timestamp, value] : run) {
        samples.push_back({timestamp, value});
        table[id].emplace(timestamp, value);
      }
      this->flush(id, samples, 100 * seed + step);
      if (random() % 10 == 0) this->restart();
    }
    for (int question = 0; question < 200; ++question) {
      const SeriesId id = series();
      const auto& mine = table[id];
      const Timestamp from = moment();
      const Timestamp to = moment();
      const std::size_t limit = random() % 3 == 0 ? random() % 50 : SIZE_MAX;
      std::vector<Sample> want;
      for (auto at = mine.lower_bound(from); at != mine.end() && at->first < to && want.size() < limit; ++at) {
        want.push_back({at->first, at->second});
      }
      ASSERT_EQ(this->read(id, from, to, limit), want);
      const auto exact = mine.find(from);
      ASSERT_EQ(this->find(id, from), exact == mine.end() ? std::nullopt : std::optional(exact->second));
      const auto behind = mine.upper_bound(from);
      const auto last = this->last_at(id, from);
      ASSERT_EQ(last.has_value(), behind != mine.begin());
      if (last) {
        ASSERT_EQ(*last, (Sample{std::prev(behind)->first, std::prev(behind)->second}));
      }
    }
  }
}

TYPED_TEST(HistoryContract, keeps_more_samples_of_a_day_than_a_block_has) {
  std::vector<Sample> samples;
  for (int i = 0; i < 20'000; ++i) samples.push_back({kDayBegins + seconds(4 * i), static_cast<double>(i)});
  this->flush(kStove, samples, 1);
  EXPECT_EQ(all_of(*this->history, kStove), samples);
  EXPECT_EQ(this->find(kStove, kDayBegins + seconds(4 * 4096)), 4096.0);
  EXPECT_EQ(this->last_at(kStove, kDayBegins + seconds(4 * 4096 + 1)), (Sample{kDayBegins + seconds(4 * 4096), 4096}));
}

}  // namespace
}  // namespace temperature::history
