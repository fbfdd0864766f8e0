#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "history/volume.h"

// What the tests of volumes share.
namespace temperature::history {

inline constexpr Timestamp kVolumeBegin = Timestamp(std::chrono::days(19'675));  // 2023-11-14

// Pieces and what they say together: of samples with the same timestamp that of the older piece.
struct PiecesForTest {
  std::vector<std::string> pieces;
  std::map<Timestamp, double> table;

  void add(const std::vector<Sample>& samples) {
    append_piece(pieces.emplace_back(), samples);
    for (const Sample& sample : samples) table.emplace(sample.timestamp, sample.value);
  }

  [[nodiscard]] std::vector<Sample> samples() const {
    std::vector<Sample> all;
    for (const auto& [timestamp, value] : table) all.push_back({timestamp, value});
    return all;
  }
};

// A piece somewhere in a day: most often behind the others, as flushes come; sometimes over them.
inline std::vector<Sample> random_run(std::mt19937_64& random, std::int64_t number, std::size_t most) {
  const auto below = [&random](std::uint64_t bound) { return static_cast<std::int64_t>(random() % bound); };
  const std::size_t count = 1 + static_cast<std::size_t>(below(most));
  const bool late = below(3) == 0;
  std::int64_t ms = late ? below(80'000'000) : number * 6'000'000 + below(1'000'000);
  const std::int64_t step = 1 + below(3) * 500;
  std::map<Timestamp, double> run;
  for (std::size_t i = 0; i < count && ms < 86'400'000; ++i) {
    run.emplace(kVolumeBegin + Duration(ms), static_cast<double>(2000 + below(200)) / 100);
    ms += step + (late ? below(2'000) : 0);
  }
  std::vector<Sample> samples;
  for (const auto& [timestamp, value] : run) samples.push_back({timestamp, value});
  return samples;
}

inline std::vector<Sample> read_all(Volume& volume) {
  std::vector<Sample> samples;
  const auto read = volume.read(kTimestampMin, kTimestampMax, samples);
  EXPECT_TRUE(read) << read.error().detail;
  return samples;
}

}  // namespace temperature::history
