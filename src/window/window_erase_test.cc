#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "window/window.h"

// Deletions and corrections in a window, against a map.
namespace temperature::window {
namespace {

constexpr Timestamp kErasedFrom = timestamp_from_ms(1'700'000'000'000);
constexpr int kSlots = 5;

Slot slot(std::int64_t i) {
  return Slot(static_cast<std::uint16_t>(i));
}

// What a window and the history must hold together; the history takes what is flushed.
class ErasedWindow {
 public:
  explicit ErasedWindow(std::uint32_t seed) : random_(seed) {}

  void step() {
    switch (below(13)) {
      case 12:
        return replace();
      case 0:
        return erase();
      case 1:
        return flush();
      case 2:
        return settle_newest();
      default:
        return add();
    }
  }

  void check() {
    std::vector<SlotSample> kept;
    window_.collect(kTimestampMin, kTimestampMax, std::nullopt, kept);
    ASSERT_EQ(kept.size(), window_.count());
    std::map<std::pair<Timestamp, Slot>, double> here;
    for (const auto& each : kept) {
      ASSERT_TRUE(here.emplace(std::pair(each.sample.timestamp, each.slot), each.sample.value).second);
    }
    for (const auto& [place, value] : all_) {
      if (place.first < window_.floor()) continue;
      ASSERT_TRUE(here.contains(place)) << "the window has everything from its floor on";
    }
    for (const auto& [place, value] : here) ASSERT_EQ(all_.at(place), value);
    const Timestamp after = std::max(kErasedFrom + Duration(below(4'000)), window_.floor());
    const Timestamp upto = after + Duration(below(3'000));
    summary::Tally got;
    window_.summarize(after, upto, std::nullopt, got);
    std::uint64_t count = 0;
    std::vector<bool> sensors(kSlots);
    double sum = 0;
    for (const auto& [place, value] : all_) {
      if (place.first <= after || place.first > upto) continue;
      ++count;
      sum += value;
      sensors[place.second.value()] = true;
    }
    ASSERT_EQ(got.count, count);
    if (count > 0) ASSERT_EQ(got.sum.mean(count), sum / static_cast<double>(count)) << "whole numbers";
    ASSERT_EQ(window_.sensors(after, upto), static_cast<std::size_t>(std::ranges::count(sensors, true)));
    check_newest();
  }

 private:
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
  }
  Timestamp newest_of(std::int64_t i) const {
    Timestamp newest = kTimestampMin;
    for (const auto& [place, value] : all_) {
      if (place.second == slot(i)) newest = std::max(newest, place.first);
    }
    return newest;
  }

  void check_newest() {
    Timestamp latest = kTimestampMin;
    for (std::int64_t i = 0; i < kSlots; ++i) {
      const Timestamp newest = newest_of(i);
      latest = std::max(latest, newest);
      if (window_.knows_newest(slot(i))) {
        ASSERT_EQ(window_.newest(slot(i)).timestamp, newest);
        if (newest != kTimestampMin) ASSERT_EQ(window_.newest(slot(i)).value, all_.at({newest, slot(i)}));
      } else {
        ASSERT_LE(newest, window_.newest(slot(i)).timestamp);
        ASSERT_LT(window_.newest(slot(i)).timestamp, window_.floor());
      }
    }
    if (window_.knows_newest()) {
      const auto newest = window_.newest();
      ASSERT_EQ(newest ? newest->sample.timestamp : kTimestampMin, latest);
    }
  }

  void add() {
    const Slot mine = slot(below(kSlots));
    const Timestamp timestamp = kErasedFrom + Duration(below(3) == 0 ? below(5'000) : now_ += below(10));
    if (all_.contains({timestamp, mine})) return;
    const auto value = static_cast<double>(below(100));
    all_[{timestamp, mine}] = value;
    window_.add(mine, {timestamp, value});
  }

  void erase() {
    const Timestamp from = below(5) == 0 ? kTimestampMin : kErasedFrom + Duration(below(5'000));
    const Timestamp to = below(5) == 0 ? kTimestampMax : from + Duration(1 + below(800));
    const auto of = below(2) == 0 ? std::optional(slot(below(kSlots))) : std::nullopt;
    const std::size_t before = window_.unflushed();
    std::vector<SlotTime> unflushed;
    window_.erase(from, to, of, unflushed);
    ASSERT_EQ(window_.unflushed(), before - unflushed.size());
    for (const auto& each : unflushed) ASSERT_FALSE(stored_.contains({each.timestamp, each.slot}));
    const auto goes = [&](const auto& each) {
      const auto& [timestamp, its] = each.first;
      return timestamp >= from && timestamp < to && (!of || its == *of);
    };
    std::erase_if(all_, goes);
    std::erase_if(stored_, goes);
  }

  // Some of what is there gets other values, here and in the history.
  void replace() {
    std::vector<SlotSample> changed;
    const std::int64_t one_of = below(2) == 0 ? 2 : 40;
    for (auto& [place, value] : all_) {
      if (below(one_of) > 0) continue;
      value = static_cast<double>(below(1'000)) + 0.25;
      if (below(50) == 0) value = 1e300;
      if (stored_.contains(place)) stored_[place] = value;
      changed.push_back({place.second, {place.first, value}});
    }
    window_.replace(changed);
  }

  void flush() {
    std::vector<SlotSample> taken;
    window_.take(taken, below(2) == 0 ? 7 : 1'000'000);
    if (below(4) == 0) erase();  // meanwhile
    if (below(4) == 0) replace();
    const bool written = below(4) > 0;
    for (const auto& each : taken) {  // those of a deletion meanwhile go as soon as they are written
      const std::pair place(each.sample.timestamp, each.slot);
      if (written && all_.contains(place)) stored_[place] = all_[place];
    }
    window_.settle(written, Duration(500), kTimestampMax - Duration(1));
  }

  void settle_newest() {
    std::vector<Window::Stored> stored;
    for (std::int64_t i = 0; i < kSlots; ++i) {
      Window::Stored mine{slot(i), std::nullopt};
      for (const auto& [place, value] : stored_) {
        if (place.second == slot(i)) mine.newest = Sample{place.first, value};
      }
      stored.push_back(mine);
    }
    window_.settle_newest(stored);
    ASSERT_TRUE(window_.knows_newest());
  }

  std::mt19937_64 random_;
  std::int64_t now_ = 0;
  Window window_;
  std::map<std::pair<Timestamp, Slot>, double> all_;
  std::map<std::pair<Timestamp, Slot>, double> stored_;
};

TEST(WindowErase, equals_a_map) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, "seed " + std::to_string(seed));
    ErasedWindow window(seed);
    for (int i = 0; i < 250 && !::testing::Test::HasFatalFailure(); ++i) {
      window.step();
      window.check();
    }
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace temperature::window
