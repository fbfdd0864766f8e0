#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <future>
#include <limits>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "ingest/raw_reading.h"
#include "pipeline/brute_force.h"
#include "pipeline/pipeline.h"
#include "pipeline/stores_under_test.h"

// A way from end to end with a clock of its own, that can be closed, crashed and started again. For tests.
namespace temperature::pipeline {

class FakeClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return timestamp_from_ms(now_ms_.load()); }
  void set(Timestamp now) { now_ms_.store(to_ms(now)); }
  void advance(Duration by) { now_ms_.fetch_add(by.count()); }

 private:
  std::atomic<std::int64_t> now_ms_{1'700'000'000'000};
};

// What became of a write, for whoever waits for it.
class Told final : public WriteListener {
 public:
  void written(Result<WriteOutcome> outcome) override { promise_.set_value(std::move(outcome)); }
  Result<WriteOutcome> wait() { return promise_.get_future().get(); }

 private:
  std::promise<Result<WriteOutcome>> promise_;
};

// What became of a deletion.
class DeletionTold final : public DeletionListener {
 public:
  void deleted(Result<DeletionOutcome> outcome) override { promise_.set_value(std::move(outcome)); }
  Result<DeletionOutcome> wait() { return promise_.get_future().get(); }

 private:
  std::promise<Result<DeletionOutcome>> promise_;
};

inline ingest::Parsed parsed(const std::vector<NamedReading>& readings) {
  ingest::Parsed parsed;
  for (const NamedReading& each : readings) {
    ingest::RawReading raw;
    raw.building = each.building;
    raw.room = each.room;
    raw.sensor = each.sensor;
    raw.quantity = each.quantity;
    raw.timestamp_ms = to_ms(each.timestamp);
    raw.value = each.value;
    raw.index = static_cast<std::uint32_t>(parsed.readings.size());
    parsed.readings.push_back(raw);
  }
  return parsed;
}

class WayUnderTest {
 public:
  explicit WayUnderTest(std::unique_ptr<Stores> stores, PipelineOptions options = {})
      : stores_(std::move(stores)), options_(std::move(options)) {}
  ~WayUnderTest() { close(); }
  WayUnderTest(const WayUnderTest&) = delete;
  WayUnderTest& operator=(const WayUnderTest&) = delete;

  // How many series the next way that is built allows.
  void limit_series(std::size_t most) { series_max_ = most; }

  // Builds the way over what the stores hold, without starting it.
  Pipeline& build() {
    catalogue_ = std::make_unique<catalogue::Catalogue>(series_max_);
    stores_->open(*catalogue_);
    pipeline_ = std::make_unique<Pipeline>(options_, clock_, *catalogue_, stores_->journal(), stores_->history());
    return *pipeline_;
  }
  void start() {
    const auto recovery = build().start();
    ASSERT_TRUE(recovery) << recovery.error().detail;
  }
  void close() {
    pipeline_.reset();
    if (stores_) stores_->close();
  }
  // What was not on disk by now never gets there.
  void crash() {
    stores_->freeze_after(0);
    stores_->history().fail_commits(std::numeric_limits<int>::max());  // nor does it get into a history in memory
    pipeline_.reset();
    stores_->crash();
  }

  Result<WriteOutcome> write(const std::vector<NamedReading>& readings) {
    Told told;
    pipeline_->write_path().write(parsed(readings), "test", told);
    return told.wait();
  }

  // A correction.
  Result<WriteOutcome> replace(const std::vector<NamedReading>& readings) {
    Told told;
    pipeline_->write_path().write(parsed(readings), "test", told, nullptr, "a reason");
    return told.wait();
  }

  Result<DeletionOutcome> remove(const Scope& scope, Timestamp from, Timestamp to) {
    DeletionTold told;
    pipeline_->deletion_path().remove({.origin = {from, "test"}, .scope = scope, .from = from, .to = to}, told);
    return told.wait();
  }

  // For another way that goes on with what this one left.
  std::unique_ptr<Stores> take_stores() {
    close();
    return std::move(stores_);
  }

  FakeClock& clock() { return clock_; }
  Stores& stores() { return *stores_; }
  Pipeline& pipeline() { return *pipeline_; }
  const catalogue::Catalogue& catalogue() { return *catalogue_; }
  const ReadPath& reads() { return pipeline_->read_path(); }

 private:
  FakeClock clock_;
  std::unique_ptr<Stores> stores_;
  PipelineOptions options_;
  std::size_t series_max_ = 100'000;
  std::unique_ptr<catalogue::Catalogue> catalogue_;
  std::unique_ptr<Pipeline> pipeline_;
};

// A room to talk about.

inline const Timestamp kNoon = FakeClock().now();

inline NamedReading degrees(const std::string& room, const std::string& sensor, Timestamp timestamp, double value) {
  return {"main", room, sensor, "temperature", timestamp, value};
}

inline answer::AverageQuery hall_at(Timestamp at, Duration window = std::chrono::minutes(15)) {
  return {"main", "hall", std::nullopt, "temperature", window, at};
}

inline answer::ReadingsQuery all_of_hall() {
  answer::ReadingsQuery query;
  query.building = "main";
  query.room = "hall";
  query.quantity = "temperature";
  query.limit = 1000;
  return query;
}

inline std::unique_ptr<Stores> in_memory() {
  return std::make_unique<MemoryStores>();
}

// Tests of what it is like on memory and on disk alike.
class OnBothStores : public ::testing::TestWithParam<bool> {
 protected:
  static std::unique_ptr<Stores> stores() { return GetParam() ? make_rocks_stores() : in_memory(); }
};
inline std::string store_name(const ::testing::TestParamInfo<bool>& tested) {
  return tested.param ? "rocks" : "memory";
}

}  // namespace temperature::pipeline
