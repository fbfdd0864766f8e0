#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <random>

#include "mirror/follower.h"
#include "mirror/memory_target.h"
#include "pipeline/way_under_test.h"
#include "testing/temporary_folder.h"

// A service lives with its database: readings come fresh, late, again and with other values; it is flushed, killed and
// started; the database refuses, goes away before and after a commit, or comes back as it was some time ago. Whenever
// the mirror has caught up, the database has each accepted reading once.
namespace temperature::mirror {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

using Fate = MemoryTarget::Fate;

class Scenario {
 public:
  Scenario(std::unique_ptr<pipeline::Stores> stores, std::uint32_t seed)
      : random_(seed),
        journal_bytes_max_(seed % 3 == 0   ? 300
                           : seed % 3 == 1 ? 5'000
                                           : 1'000'000'000),
        grace_(seed % 2 == 0 ? milliseconds(0) : milliseconds(minutes(5))),
        target_([this] { return fate(); }),
        way_(std::move(stores), options(seed)) {}

  void live(int operations) {
    start();
    for (operation_ = 1; operation_ <= operations && !::testing::Test::HasFatalFailure(); ++operation_) {
      const ::testing::ScopedTrace trace(__FILE__, __LINE__, fmt::format("operation {}", operation_));
      step();
    }
    catch_up_and_compare();
    EXPECT_FALSE(all_.empty());
  }

 private:
  pipeline::PipelineOptions options(std::uint32_t seed) {
    pipeline::PipelineOptions options;
    options.unflushed_readings_min = seed % 2 == 0 ? 50 : 0;
    options.flush_retry = milliseconds(1);
    options.clock_ahead_max = hours(24 * 100'000);
    options.window_span = minutes(2);
    options.not_taken = [this](Position record, std::span<const std::uint32_t> rows) { not_taken_->add(record, rows); };
    return options;
  }

  void start() {
    not_taken_ = std::make_unique<NotTakenRows>();
    way_.build();
    target_.use(way_.catalogue());
    FollowerOptions options{.data_dir = folder_.path(), .journal_id = journal_id_};
    options.journal_bytes_max = journal_bytes_max_;
    options.batch_readings = 1 + below(60);
    options.owed_readings = 1 + below(60);
    options.grace = grace_;
    follower_ =
        std::make_unique<Follower>(options, way_.stores().journal(), way_.pipeline(), way_.catalogue(), *not_taken_);
    EXPECT_EQ(follower_->prepare(), "");
    const auto recovery = way_.pipeline().start();
    ASSERT_TRUE(recovery) << recovery.error().detail;
    follower_->begin(recovery->last, now_);
    attached_ = false;
  }

  void step() {
    now_ += milliseconds(below(2'000));
    const std::uint32_t kind = below(100);
    if (kind < 50) return write_batch();
    if (kind < 56) return static_cast<void>(way_.pipeline().flush());
    if (kind < 66) return tend();
    if (kind < 84) return static_cast<void>(move_on());
    if (kind < 85) return stop_and_start();
    if (kind < 88) return crash_and_start();
    if (kind < 90) return owe();
    if (kind < 92) return remember_database();
    if (kind < 93) return go_back_to_standby();
    if (kind < 95) return lose_many();
    if (kind < 97) return catch_up_and_compare();
    if (kind < 99) return replace();
    remove();
  }

  void write_batch() {
    std::vector<pipeline::NamedReading> batch;
    const std::uint32_t size = 1 + below(12);
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::string room = fmt::format("room{}", below(3));
      const std::string sensor = fmt::format("s{}", below(3));
      Timestamp at = pipeline::kNoon + milliseconds(++tick_ * 700);
      if (below(6) == 0) at -= seconds(below(200'000));  // late
      if (!sent_.empty() && below(8) == 0) {             // again, perhaps with another value
        batch.push_back(sent_[below(static_cast<std::uint32_t>(sent_.size()))]);
        if (below(2) == 0) batch.back().value += 1;
        continue;
      }
      batch.push_back(pipeline::degrees(room, sensor, at, static_cast<double>(below(400)) / 8));
    }
    way_.clock().set(pipeline::kNoon + milliseconds(tick_ * 700) + seconds(5));
    ASSERT_TRUE(way_.write(batch));
    for (const auto& each : batch) {
      sent_.push_back(each);
      all_[{each.building, each.room, each.quantity, each.sensor}].emplace(each.timestamp, each.value);
    }
  }

  // Known places and new ones, some of them twice.
  void replace() {
    std::vector<pipeline::NamedReading> batch;
    const std::uint32_t size = 1 + below(12);
    for (std::uint32_t i = 0; i < size; ++i) {
      Timestamp at = pipeline::kNoon + milliseconds(++tick_ * 700);
      batch.push_back(sent_.empty() || below(4) == 0
                          ? pipeline::degrees(fmt::format("room{}", below(3)), fmt::format("s{}", below(3)), at, 1)
                          : sent_[below(static_cast<std::uint32_t>(sent_.size()))]);
      batch.back().value = static_cast<double>(below(4'000)) / 8;
    }
    way_.clock().set(pipeline::kNoon + milliseconds(tick_ * 700) + seconds(5));
    const auto replaced = way_.replace(batch);
    ASSERT_TRUE(replaced) << replaced.error().detail;
    for (const auto& each : batch) {
      sent_.push_back(each);
      all_[{each.building, each.room, each.quantity, each.sensor}][each.timestamp] = each.value;
    }
  }

  // Of a sensor or a room, a moment or all of time; its readings may come again.
  void remove() {
    Scope scope{.building = "main", .room = fmt::format("room{}", below(3))};
    if (below(3) != 0) scope.sensor = fmt::format("s{}", below(3));
    Timestamp from = sent_.empty() ? pipeline::kNoon : sent_[below(static_cast<std::uint32_t>(sent_.size()))].timestamp;
    Timestamp to = from + milliseconds(1 + below(2'000'000));
    if (below(6) == 0) from = timestamp_from_ms(0), to = way_.clock().now() + hours(1);
    const auto removed = way_.remove(scope, from, to);
    ASSERT_TRUE(removed) << removed.error().detail;
    for (auto& [names, readings] : all_) {
      const auto& [building, room, quantity, sensor] = names;
      if (room != scope.room || (scope.sensor && sensor != *scope.sensor)) continue;
      readings.erase(readings.lower_bound(from), readings.lower_bound(to));
    }
    std::erase_if(all_, [](const auto& series) { return series.second.empty(); });
  }

  void tend() {
    const auto done = follower_->tend(now_);
    EXPECT_TRUE(done) << done.error().detail;
  }

  // One attempt, which may fail.
  bool move_on() {
    if (!attached_) {
      const auto attached = follower_->attach(target_, TakeOver::no);
      if (!attached) EXPECT_EQ(attached.error().kind, Obstacle::Kind::database) << attached.error().text;
      attached_ = attached.has_value();
      return true;
    }
    const auto more = follower_->step(target_);
    if (!more) EXPECT_EQ(more.error().kind, Obstacle::Kind::database) << more.error().text;
    attached_ = more.has_value();
    return !more || *more;
  }

  void stop_and_start() {
    EXPECT_TRUE(follower_->leave());
    follower_.reset();
    way_.close();
    start();
  }

  void crash_and_start() {
    follower_.reset();
    way_.crash();
    start();
  }

  void owe() {
    const Timestamp from = pipeline::kNoon + seconds(below(2'000)) - seconds(1'000);
    EXPECT_TRUE(follower_->owe(from, from + seconds(below(1'000))));
  }

  void remember_database() { standby_ = target_.contents; }
  void go_back_to_standby() {
    if (!standby_ || !standby_->fence) return;
    target_.contents = *standby_;
    attached_ = false;  // the connection went with the server
  }

  // More repeats than are remembered: from here on it is not known what was fresh.
  void lose_many() {
    const auto position = way_.pipeline().applied_position();
    const std::vector<std::uint32_t> many(limits::kNotTakenRowsMax + 1, 0);
    not_taken_->add(position, many);
  }

  void catch_up_and_compare() {
    fails_ = false;
    for (int tries = 0; move_on(); ++tries) ASSERT_LT(tries, 100'000) << "it does not end";
    ASSERT_TRUE(attached_);
    fails_ = true;
    EXPECT_EQ(target_.contents.fence->owed_ranges, 0U);
    std::map<MemoryTarget::Names, std::vector<std::pair<Timestamp, double>>> expected;
    std::map<MemoryTarget::Names, std::vector<std::pair<Timestamp, double>>> found;
    for (const auto& [names, readings] : all_) expected[names] = {readings.begin(), readings.end()};
    for (const auto& [names, readings] : target_.contents.readings) {
      if (!readings.empty()) found[names] = {readings.begin(), readings.end()};
    }
    for (const auto& [names, readings] : expected) {
      const auto& has = found[names];
      const auto [in_database, as_sent] = std::ranges::mismatch(has, readings);
      if (in_database == has.end() && as_sent == readings.end()) continue;
      const auto text = [](auto at, auto end) {
        return at == end ? std::string("nothing") : fmt::format("{} {}", format_timestamp(at->first), at->second);
      };
      FAIL() << std::get<1>(names) << "/" << std::get<3>(names) << ": the database has " << text(in_database, has.end())
             << " where it should have " << text(as_sent, readings.end());
    }
    EXPECT_EQ(found.size(), expected.size());
  }

  Fate fate() {
    if (!fails_) return Fate::done;
    const std::uint32_t kind = below(20);
    return kind == 0 ? Fate::refused : kind == 1 ? Fate::lost_before : kind == 2 ? Fate::lost_after : Fate::done;
  }

  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  std::mt19937 random_;
  const std::uint64_t journal_bytes_max_;
  const milliseconds grace_;
  const testing::TemporaryFolder folder_;
  const JournalId journal_id_ = JournalId::make();
  MemoryTarget target_;
  std::unique_ptr<NotTakenRows> not_taken_;
  pipeline::WayUnderTest way_;
  std::unique_ptr<Follower> follower_;
  std::optional<MemoryTarget::Contents> standby_;
  std::map<MemoryTarget::Names, std::map<Timestamp, double>> all_;  // accepted
  std::vector<pipeline::NamedReading> sent_;
  JournalTrail::Time now_{hours(1'000)};
  std::int64_t tick_ = 0;
  bool attached_ = false;
  bool fails_ = true;
  int operation_ = 0;
};

int operations() {
  const char* given = std::getenv("PROPERTY_OPERATIONS");
  return given == nullptr ? 8'000 : std::max(1'000, std::atoi(given) / 10);
}

std::uint32_t first_seed() {
  const char* given = std::getenv("PROPERTY_SEED");
  return given == nullptr ? std::random_device()() : static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
}

void live_with(bool on_disk, int scenarios, int operations) {
  const std::uint32_t first = first_seed();
  for (int i = 0; i < scenarios; ++i) {
    const std::uint32_t seed = first + static_cast<std::uint32_t>(i);
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, fmt::format("PROPERTY_SEED={}", seed));
    Scenario scenario(on_disk ? pipeline::make_rocks_stores() : pipeline::in_memory(), seed);
    scenario.live(operations);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(FollowerProperty, the_database_has_each_reading_once_in_memory) {
  live_with(false, 12, operations() / 12);
}

TEST(FollowerProperty, the_database_has_each_reading_once_on_disk) {
  live_with(true, 2, std::max(200, operations() / 40));
}

}  // namespace
}  // namespace temperature::mirror
