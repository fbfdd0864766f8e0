#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "history/shelf.h"
#include "testing/moments.h"

// What a history forgets, and what it must not.
namespace temperature::history {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using testing::kMidnight;

constexpr SeriesId kBusy{0};
constexpr SeriesId kSeldom{1};
constexpr SeriesId kKept{2};

// A reading each `step` over so many days.
std::vector<Sample> samples_of(int how_many_days, Duration step) {
  std::vector<Sample> samples;
  for (Timestamp at = kMidnight; at < kMidnight + days(how_many_days); at += step) {
    samples.push_back({at, static_cast<double>(samples.size() * 2'654'435'761 % 1'000'003) / 7});  // takes some space
  }
  return samples;
}

class Expiry : public ::testing::Test {
 protected:
  void SetUp() override {
    history = shelf.open();
    written = {
        {kBusy, samples_of(6, seconds(40))}, {kSeldom, samples_of(100, hours(1))}, {kKept, samples_of(6, seconds(40))}};
    for (const auto& [series, samples] : written) {
      const std::vector<history::Run> runs{{series, samples}};
      ASSERT_TRUE(history->write(runs));
    }
    ASSERT_TRUE(history->commit(Position(1), 0, {}));
  }
  void restart() {
    shelf.put_back(std::move(history));
    history = shelf.open();
  }
  void damage_the_largest_table() {
    ASSERT_TRUE(history->settle());
    history.reset();
    std::filesystem::path largest;
    for (const auto& file : std::filesystem::directory_iterator(shelf.path())) {
      if (file.path().extension() != ".sst") continue;
      if (largest.empty() || file.file_size() > std::filesystem::file_size(largest)) largest = file.path();
    }
    std::fstream table(largest, std::ios::binary | std::ios::in | std::ios::out);
    table.seekg(100);
    const int byte = table.get();
    table.seekp(100).put(static_cast<char>(byte ^ 1));
    table.close();
    history = shelf.open();
  }
  // Everything but kKept is forgotten before this moment.
  void expire(Timestamp after, Timestamp keep_from) {
    const auto expired = history->expire(
        after, keep_from, [keep_from](SeriesId series) { return series == kKept ? kTimestampMin : keep_from; });
    ASSERT_TRUE(expired) << expired.error().detail;
  }
  // The first moment that a series has.
  Timestamp first_of(SeriesId series) { return all_of(*history, series).front().timestamp; }
  // From `from` on everything is there.
  void expect_all_from(Timestamp from) {
    for (const auto& [series, samples] : written) {
      std::vector<Sample> want = samples;
      std::erase_if(want, [from](const Sample& sample) { return sample.timestamp < from; });
      std::vector<Sample> stored;
      ASSERT_TRUE(history->read(series, from, kTimestampMax, SIZE_MAX, stored));
      EXPECT_EQ(stored, want) << "series " << series.value();
    }
  }

  RocksShelf shelf;
  std::unique_ptr<History> history;
  std::map<SeriesId, std::vector<Sample>> written;
};

TEST_F(Expiry, takes_whole_days_and_whole_months) {
  expire(kTimestampMin, kMidnight + days(2) + hours(5));
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(first_of(kBusy), kMidnight + days(2));
    EXPECT_EQ(first_of(kSeldom), kMidnight) << "its month has not ended";
    EXPECT_EQ(first_of(kKept), kMidnight);
    expect_all_from(kMidnight + days(2));
    restart();
  }
  expire(kTimestampMin, kMidnight + days(32) - Duration(1));
  EXPECT_TRUE(all_of(*history, kBusy).empty());
  EXPECT_EQ(first_of(kSeldom), kMidnight);
  expire(kTimestampMin, kMidnight + days(32));
  EXPECT_EQ(first_of(kSeldom), kMidnight + days(32));
  EXPECT_EQ(all_of(*history, kKept), written[kKept]);
  expect_all_from(kMidnight + days(32));
}

TEST_F(Expiry, counts_what_went) {
  expire(kTimestampMin, kMidnight + days(2));
  EXPECT_EQ(history->figures().readings_expired.load(), 2U * 86'400 / 40);
  EXPECT_EQ(history->figures().chunks_expired.load(), 2U);
  expire(kTimestampMin, kMidnight + days(2));
  EXPECT_EQ(history->figures().readings_expired.load(), 2U * 86'400 / 40) << "once";
}

TEST_F(Expiry, looks_only_where_it_is_told_to) {
  expire(kMidnight + days(3), kMidnight + days(5));
  const auto left = all_of(*history, kBusy);
  EXPECT_EQ(left.front().timestamp, kMidnight);
  for (const Sample& sample : left) {
    EXPECT_TRUE(sample.timestamp < kMidnight + days(3) || sample.timestamp >= kMidnight + days(5));
  }
  expect_all_from(kMidnight + days(5));
}

TEST_F(Expiry, gives_the_space_back) {
  ASSERT_TRUE(history->settle());
  const std::uint64_t before = history->bytes_on_disk();
  expire(kTimestampMin, kMidnight + days(200));
  // RocksDB removes the files that it needs no more a moment later.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (history->bytes_on_disk() >= before && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  const std::uint64_t after = history->bytes_on_disk();
  EXPECT_LT(after, before);
  EXPECT_TRUE(all_of(*history, kBusy).empty());
  EXPECT_TRUE(all_of(*history, kSeldom).empty());
  EXPECT_EQ(all_of(*history, kKept), written[kKept]);
}

// A block that cannot be read must not keep everything behind it for ever.
TEST_F(Expiry, takes_what_is_damaged_when_all_of_it_is_old) {
  damage_the_largest_table();
  const Timestamp keep_from = kMidnight + days(500);
  EXPECT_FALSE(history->expire(kTimestampMin, keep_from, [keep_from](SeriesId series) {
    return series == kKept ? kTimestampMin : keep_from;
  })) << "some of it is kept, and nobody can tell what";
  EXPECT_TRUE(history->expire(kTimestampMin, keep_from, [keep_from](SeriesId) { return keep_from; }));
  for (const SeriesId series : {kBusy, kSeldom, kKept}) EXPECT_TRUE(all_of(*history, series).empty());
}

// What is weighed is what goes, of what there is.
TEST_F(Expiry, is_weighed_before) {
  const auto weigh = [this](Timestamp upto, auto keep_from) {
    const auto weight = history->weigh(upto, keep_from);
    EXPECT_TRUE(weight);
    return *weight;
  };
  std::uint64_t all = 0;
  for (const auto& [series, samples] : written) all += samples.size();
  for (const int whole_days : {0, 1, 3, 40}) {
    const Timestamp upto = kMidnight + days(whole_days) + hours(5);
    const auto keep_from = [upto](SeriesId series) { return series == kKept ? kTimestampMin : upto; };
    const Weight weight = weigh(upto, keep_from);
    expire(kTimestampMin, upto);
    EXPECT_EQ(weight.readings + all_of(*history, kBusy).size() + all_of(*history, kSeldom).size() +
                  all_of(*history, kKept).size(),
              all);
    EXPECT_EQ(weight.counts(), whole_days > 0);
    if (whole_days > 0) {
      EXPECT_EQ(weight.all, all);
    }
    all -= weight.readings;
  }
}

TEST_F(Expiry, is_weighed_as_all_there_is_when_it_cannot_be_read) {
  damage_the_largest_table();
  const Timestamp upto = kMidnight + days(500);
  const auto weight = history->weigh(upto, [upto](SeriesId) { return upto; });
  ASSERT_TRUE(weight);
  EXPECT_TRUE(weight->counts());
}

TEST(Weight, counts_from_one_of_a_hundred_on) {
  EXPECT_FALSE(Weight{}.counts());
  EXPECT_FALSE((Weight{1, 100}.counts()));
  EXPECT_TRUE((Weight{1, 99}.counts()));
  EXPECT_TRUE((Weight{1, 1}.counts()));
  EXPECT_FALSE((Weight{99, 10'000}.counts()));
  EXPECT_TRUE((Weight{101, 10'000}.counts()));
}

TEST_F(Expiry, takes_readings_again_that_come_later) {
  expire(kTimestampMin, kMidnight + days(5));
  const std::vector<history::Run> runs{{kBusy, {{kMidnight + hours(1), 7}, {kMidnight + hours(2), 8}}}};
  ASSERT_TRUE(history->write(runs));
  EXPECT_EQ(all_of(*history, kBusy).front(), (Sample{kMidnight + hours(1), 7}));
}

TEST_F(Expiry, ends_early_when_the_program_ends) {
  history->stop_settling();
  expire(kTimestampMin, kMidnight + days(5));
  EXPECT_EQ(all_of(*history, kBusy), written[kBusy]);
}

}  // namespace
}  // namespace temperature::history
