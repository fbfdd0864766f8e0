#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "base/time.h"
#include "history/chunk_for_test.h"
#include "history/chunk_limits.h"

// Chunks of readings that change their nature on the way. PROPERTY_OPERATIONS says how many readings in all,
// PROPERTY_SEED replays one seed.
namespace temperature::history {
namespace {

class Sensor {
 public:
  explicit Sensor(std::uint32_t seed) : random_(seed) {}

  std::vector<Sample> samples(std::size_t count) {
    std::vector<Sample> samples;
    auto ms = static_cast<std::int64_t>(below(4'000'000'000'000));
    std::int64_t whole = 0;
    while (samples.size() < count) {
      const std::uint64_t clock = below(6);
      const std::uint64_t nature = below(8);
      const auto step = static_cast<std::int64_t>(below(2) == 0 ? 1'000 * (1 + below(600)) : 1 + below(100'000));
      const double power = std::pow(10, static_cast<double>(below(8)));
      for (std::size_t left = 1 + below(1'500); left > 0 && samples.size() < count; --left) {
        ms += step;
        if (clock == 1) ms += static_cast<std::int64_t>(below(static_cast<std::uint64_t>(step)));
        if (clock == 2 && below(30) == 0) ms += step * static_cast<std::int64_t>(1 + below(50));
        if (clock == 3 && below(300) == 0) ms += static_cast<std::int64_t>(below(100'000'000'000));
        whole += nature == 0 ? 0 : static_cast<std::int64_t>(below(1U << below(20))) - (whole > 0 ? 200 : -200);
        samples.push_back({timestamp_from_ms(ms), value(nature, static_cast<double>(whole), power)});
      }
      if (below(3) == 0) continue;
      count = std::min(count, samples.size());  // most chunks have one nature
    }
    return samples;
  }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  double value(std::uint64_t nature, double whole, double power) {
    switch (nature) {
      case 2:
        return below(100) == 0 ? std::bit_cast<double>(random_()) : whole / power;
      case 3:
        return whole / power / 100;
      case 4:
        return static_cast<double>(static_cast<float>(whole / 7));
      case 5:
        return std::sin(whole / 1'000);
      case 6:
        return below(20) == 0 ? -0.0 : whole * 0.01;
      default:
        return whole / power;
    }
  }

  std::mt19937_64 random_;
};

TEST(ChunkProperty, keeps_what_any_sensor_sends) {
  const char* given = std::getenv("PROPERTY_OPERATIONS");
  std::size_t left = given == nullptr ? 400'000 : static_cast<std::size_t>(std::max(1, std::atoi(given))) * 20;
  const char* replayed = std::getenv("PROPERTY_SEED");
  std::uint32_t seed = replayed == nullptr ? 1 : static_cast<std::uint32_t>(std::strtoul(replayed, nullptr, 10));
  for (; left > 0; ++seed) {
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, "PROPERTY_SEED=" + std::to_string(seed));
    Sensor sensor(seed);
    const std::size_t most = seed % 4 == 0 ? limits::kChunkReadingsMax : 40U << sensor.below(6);
    const auto samples = sensor.samples(1 + sensor.below(most));
    expect_kept(samples);
    if (HasFailure() || replayed != nullptr) return;
    left -= std::min(left, samples.size());
  }
}

}  // namespace
}  // namespace temperature::history
