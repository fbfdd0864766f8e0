#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "history/memory_history.h"
#include "history/rocks_history.h"
#include "testing/temporary_folder.h"

// A history whose samples are erased and replaced, in memory or on disk. For tests.
namespace temperature::history {

inline constexpr Timestamp kErasedFrom = timestamp_from_ms(1'700'000'000'000);
inline constexpr SeriesId kErasedSeries{0};

// The parameter: whether it is on disk.
class EditedHistory : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { open(); }
  void open() {
    history.reset();
    if (!GetParam()) {
      history = std::make_unique<MemoryHistory>();
      return;
    }
    auto opened = RocksHistory::open({.path = folder.path() / "history"});
    ASSERT_TRUE(opened) << opened.error().detail;
    history = std::move(*opened);
  }
  void write(SeriesId series, const std::map<Timestamp, double>& samples) {
    history::Run run{series, {}};
    for (const auto& [timestamp, value] : samples) run.samples.push_back({timestamp, value});
    ASSERT_TRUE(history->write(std::span(&run, 1)));
  }
  Erased erase(Timestamp from, Timestamp to, SeriesId series = kErasedSeries) {
    const auto erased = history->erase(series, from, to);
    EXPECT_TRUE(erased) << erased.error().detail;
    return erased ? *erased : Erased{};
  }
  std::vector<Sample> all(SeriesId series = kErasedSeries) {
    std::vector<Sample> samples;
    EXPECT_TRUE(history->read(series, kTimestampMin, kTimestampMax, 1'000'000, samples));
    return samples;
  }
  std::map<SeriesId, SeriesExtent> extents() {
    std::map<SeriesId, SeriesExtent> found;
    EXPECT_TRUE(history->read_extents([&](const SeriesExtent& extent) { found.emplace(extent.series, extent); }));
    return found;
  }

  temperature::testing::TemporaryFolder folder;
  std::unique_ptr<History> history;
};

}  // namespace temperature::history
