#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <string>

#include "pipeline/keeper.h"
#include "pipeline/way_under_test.h"

// What a keeper does not forget: while its clock is not to be believed, and before it has said so.
namespace temperature::pipeline {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// A folder's file, and a log.
class Folder final : public KeepingNotes {
 public:
  [[nodiscard]] std::optional<Keeping> found() const override { return keeping; }
  Result<void> note(const Keeping& noted) override {
    keeping = noted;
    return {};
  }
  void say(const std::string& what, bool grave) {
    const std::lock_guard lock(mutex_);
    said_.push_back((grave ? "! " : "") + what);
  }
  // How often something with this in it was said.
  [[nodiscard]] auto said(const std::string& part) {
    const std::lock_guard lock(mutex_);
    return std::ranges::count_if(said_, [&](const std::string& what) { return what.contains(part); });
  }

  std::optional<Keeping> keeping;  // while nothing runs

 private:
  std::mutex mutex_;
  std::vector<std::string> said_;
};

class Caution : public ::testing::Test {
 protected:
  static PipelineOptions options(Folder& folder, Duration retention) {
    PipelineOptions options;
    options.retention = Retention(retention);
    options.notes = &folder;
    options.log = [&folder](const std::string& what, bool grave) { folder.say(what, grave); };
    options.senders = Senders::sensors;
    return options;
  }
  WayUnderTest& open(Duration retention) {
    if (way) stores = way->take_stores();
    const Timestamp now = way ? way->clock().now() : kNoon;
    way = std::make_unique<WayUnderTest>(std::move(stores), options(folder, retention));
    way->clock().set(now);
    return *way;
  }
  // A reading a minute of the days before now.
  void fill(int how_many_days) {
    std::vector<NamedReading> batch;
    const Timestamp now = way->clock().now();
    for (Timestamp at = now - days(how_many_days); at < now; at += seconds(30)) {
      batch.push_back(degrees("hall", "a", at, 20));
    }
    const auto outcome = way->write(batch);
    ASSERT_EQ(outcome->accepted + outcome->duplicates, batch.size());
    ASSERT_TRUE(way->pipeline().flush());
  }
  std::uint64_t forgotten() {
    EXPECT_TRUE(way->pipeline().expire());
    return way->pipeline().figures().readings_expired;
  }
  std::uint64_t seen() { return way->reads().average(hall_at(way->clock().now(), days(30'000)))->count; }

  static constexpr std::uint64_t kDay = 86'400 / 30;
  Folder folder;
  std::unique_ptr<Stores> stores = make_rocks_stores();
  std::unique_ptr<WayUnderTest> way;
};

TEST_F(Caution, a_start_with_a_clock_that_is_years_ahead_forgets_nothing_and_hides_nothing) {
  open(days(400)).start();
  fill(5);
  way->close();
  way->clock().advance(days(3 * 365));
  open(days(400)).start();
  EXPECT_EQ(forgotten(), 0U);
  EXPECT_EQ(seen(), 5 * kDay);
  EXPECT_EQ(way->pipeline().clock().state, ClockState::ahead);
  EXPECT_EQ(folder.said("! the clock says"), 1);
  way->close();
  open(days(400)).start();
  EXPECT_EQ(forgotten(), 0U) << "a second start knows no more than the first";
  EXPECT_EQ(way->write({degrees("hall", "b", kNoon, 20)})->accepted, 1U) << "nor is what comes too old";
  way->close();
  way->clock().set(kNoon + minutes(1));
  open(days(400)).start();
  EXPECT_EQ(way->pipeline().clock().state, ClockState::right);
  EXPECT_EQ(seen(), 5 * kDay + 1);
}

TEST_F(Caution, nor_does_a_folder_of_before_which_knows_its_newest_reading) {
  open(days(400)).start();
  fill(5);
  way->close();
  folder.keeping.reset();
  way->clock().advance(days(3 * 365));
  open(days(400)).start();
  EXPECT_EQ(forgotten(), 0U);
  EXPECT_EQ(seen(), 5 * kDay);
}

TEST_F(Caution, a_sensor_that_is_ahead_says_nothing_against_the_clock) {
  open(days(400)).start();
  ASSERT_EQ(way->write({degrees("hall", "a", kNoon + minutes(10), 20)})->accepted, 1U);
  ASSERT_TRUE(way->pipeline().flush());
  way->close();
  folder.keeping.reset();
  open(days(400)).start();
  EXPECT_EQ(way->pipeline().clock().state, ClockState::right);
}

TEST_F(Caution, a_clock_that_leaps_while_it_runs_forgets_nothing) {
  open(days(2)).start();
  fill(1);
  way->clock().advance(days(3 * 365));
  EXPECT_EQ(forgotten(), 0U);
  EXPECT_EQ(seen(), kDay);
  way->clock().advance(-days(3 * 365) - hours(1));
  EXPECT_EQ(forgotten(), 0U);
  EXPECT_EQ(way->pipeline().clock().state, ClockState::behind);
  way->clock().advance(hours(1));
  EXPECT_EQ(way->pipeline().clock().state, ClockState::right);
}

TEST_F(Caution, three_sensors_confirm_the_clock_and_then_it_goes_as_ever) {
  open(days(2)).start();
  fill(1);
  way->close();
  way->clock().advance(days(40));
  open(days(2)).start();
  EXPECT_EQ(forgotten(), 0U);
  const Timestamp now = way->clock().now();
  ASSERT_EQ(way->write({degrees("hall", "a", now, 1), degrees("hall", "b", now - days(1), 1)})->accepted, 2U);
  ASSERT_EQ(way->write({degrees("hall", "b", now - seconds(9), 1)})->accepted, 1U);
  EXPECT_EQ(way->pipeline().clock().state, ClockState::ahead) << "two agree with it";
  ASSERT_EQ(way->write({degrees("cellar", "a", now - minutes(4), 1)})->accepted, 1U);
  EXPECT_EQ(way->pipeline().clock().state, ClockState::right);
  way->pipeline().look_at_clock();
  EXPECT_EQ(folder.said("main/hall/a, main/hall/b, main/cellar/a agree"), 1);
  EXPECT_EQ(seen(), 3U) << "what is older is hidden now";
  EXPECT_EQ(forgotten(), 0U) << "and is said before it goes";
  EXPECT_EQ(folder.said("readings in the history are older than the retention (2d)"), 1);
}

// One gateway has one clock, however many sensors it sends for.
TEST_F(Caution, by_credentials_a_gateway_is_one_sender) {
  PipelineOptions by_credentials = options(folder, days(2));
  by_credentials.senders = Senders::credentials;
  folder.keeping.emplace().known = kNoon - days(40);
  WayUnderTest gateway(make_rocks_stores(), by_credentials);
  gateway.start();
  for (const char* sensor : {"a", "b", "c", "d"}) {
    ASSERT_EQ(gateway.write({degrees("hall", sensor, kNoon, 1)})->accepted, 1U);
  }
  EXPECT_EQ(gateway.pipeline().clock().state, ClockState::ahead);
  for (const char* key : {"key:1", "key:2"}) {
    Told told;
    gateway.pipeline().write_path().write(parsed({degrees("hall", "a", kNoon - seconds(1), 1)}), key, told);
    ASSERT_TRUE(told.wait());
  }
  EXPECT_EQ(gateway.pipeline().clock().state, ClockState::right);
}

TEST_F(Caution, what_the_service_stamped_itself_confirms_nothing) {
  folder.keeping.emplace().known = kNoon - days(40);
  open(days(2)).start();
  for (const char* sensor : {"a", "b", "c", "d"}) {
    const std::vector<NamedReading> readings{degrees("hall", sensor, kNoon, 1)};
    ingest::Parsed batch = parsed(readings);  // it looks into them
    batch.readings[0].timestamp_ms.reset();
    Told told;
    way->pipeline().write_path().write(batch, "test", told);
    ASSERT_EQ(told.wait()->accepted, 1U);
  }
  EXPECT_EQ(way->pipeline().clock().state, ClockState::ahead);
}

TEST_F(Caution, the_flag_confirms_it_too) {
  folder.keeping.emplace().known = kNoon - days(40);
  PipelineOptions confirmed = options(folder, days(2));
  confirmed.clock_is_right = true;
  WayUnderTest started(make_rocks_stores(), confirmed);
  started.start();
  EXPECT_EQ(started.pipeline().clock().state, ClockState::right);
  EXPECT_EQ(folder.said("--clock-is-right"), 1);
}

TEST_F(Caution, a_shorter_retention_is_said_first_and_waits) {
  open(days(400)).start();
  fill(5);
  EXPECT_EQ(forgotten(), 0U);
  way->close();
  open(days(2)).start();
  for (int hour = 0; hour < 30; ++hour) {  // by the clock, which may leap: the wait is not over
    EXPECT_EQ(forgotten(), 0U);
    way->clock().advance(minutes(2));
  }
  EXPECT_EQ(folder.said("readings are kept for 2d from now on; they were kept for 400d"), 1);
  EXPECT_EQ(folder.said("! "), 1) << "once";
  EXPECT_GT(way->pipeline().figures().retention_waiting, 2 * kDay);
  EXPECT_GT(way->pipeline().figures().retention_wait_seconds, 3'000);
  way->close();
  ASSERT_TRUE(folder.keeping->notice);
  EXPECT_GT(folder.keeping->notice->left, minutes(50));

  open(days(2)).start();
  EXPECT_EQ(forgotten(), 0U) << "a start does not shorten it";
  EXPECT_EQ(folder.said("! "), 1);
  way->close();
  folder.keeping->notice->left = Duration(0);  // what an hour comes to
  open(days(2)).start();
  const std::uint64_t gone = forgotten();
  EXPECT_GE(gone, 2 * kDay);
  EXPECT_LE(gone, 3 * kDay);
  EXPECT_EQ(folder.said("forgot " + std::to_string(gone) + " readings"), 1);
  EXPECT_EQ(way->pipeline().figures().retention_wait_seconds, 0);
  way->close();
  EXPECT_FALSE(folder.keeping->notice);
}

TEST_F(Caution, a_longer_retention_within_the_hour_keeps_everything) {
  open(days(400)).start();
  fill(5);
  way->close();
  open(days(2)).start();
  EXPECT_EQ(forgotten(), 0U);
  way->close();
  open(days(400)).start();
  EXPECT_EQ(forgotten(), 0U);
  way->close();
  EXPECT_FALSE(folder.keeping->notice);
  EXPECT_EQ(folder.keeping->retention, Retention(days(400)));
}

TEST_F(Caution, what_comes_of_age_day_by_day_goes_at_once) {
  open(days(3)).start();
  fill(3);
  EXPECT_EQ(forgotten(), 0U);
  for (int hour = 0; hour < 100; ++hour) {
    way->clock().advance(hours(1));
    static_cast<void>(forgotten());
  }
  EXPECT_EQ(forgotten(), 3 * kDay);
  EXPECT_EQ(folder.said("! "), 0) << "nothing was worth a word";
  EXPECT_GE(folder.said("forgot "), 3);
}

// After the wait a kill may come in the middle of it; and the wait was of what is said, no more.
TEST_F(Caution, what_was_said_of_one_retention_is_not_said_of_another) {
  open(days(400)).start();
  fill(5);
  way->close();
  open(days(4)).start();
  EXPECT_EQ(forgotten(), 0U);
  way->close();
  folder.keeping->notice->left = Duration(0);
  open(days(1)).start();
  EXPECT_EQ(forgotten(), 0U);
  EXPECT_EQ(folder.said("! "), 2);
}

// Somebody filled in what is old while it was kept.
TEST_F(Caution, what_was_kept_for_longer_meanwhile_is_said_again) {
  open(days(2)).start();
  fill(2);
  EXPECT_EQ(forgotten(), 0U);
  way->close();
  EXPECT_TRUE(folder.keeping->forgotten);
  open(days(400)).start();
  fill(9);
  way->close();
  open(days(2)).start();
  EXPECT_EQ(forgotten(), 0U);
  EXPECT_EQ(folder.said("! "), 1);
}

TEST_F(Caution, ends_its_wait_by_itself) {
  open(days(400)).start();
  fill(5);
  way->close();
  PipelineOptions soon = options(folder, days(2));
  soon.notice_wait = milliseconds(1'500);
  WayUnderTest started(way->take_stores(), soon);
  started.start();
  for (int tries = 0; tries < 4'000 && started.pipeline().figures().readings_expired == 0; ++tries) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_GE(started.pipeline().figures().readings_expired, 2 * kDay);
  EXPECT_EQ(folder.said("are forgotten for good in 1500ms"), 1);
}

TEST_F(Caution, writes_are_refused_while_the_clock_is_not_set_and_taken_when_it_is) {
  open(days(0)).start();
  ASSERT_EQ(way->write({degrees("hall", "a", kNoon, 20)})->accepted, 1U);
  for (const Timestamp unset : {timestamp_from_ms(0), timestamp_from_ms(4'260'211'200'000)}) {
    way->clock().set(unset);
    for (const Timestamp stamp : {kNoon, unset}) {
      const auto refused = way->write({degrees("hall", "b", stamp, 20)});
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::clock_not_set);
    }
    ASSERT_TRUE(way->pipeline().refuses_writes());
    EXPECT_EQ(way->pipeline().refuses_writes()->code, ErrorCode::clock_not_set);
    EXPECT_EQ(way->reads().average(hall_at(kNoon))->count, 1U) << "what is there can be asked for";
    way->clock().set(kNoon);
    EXPECT_FALSE(way->pipeline().refuses_writes());
  }
  EXPECT_EQ(way->write({degrees("hall", "b", kNoon, 20)})->accepted, 1U);
}

}  // namespace
}  // namespace temperature::pipeline
