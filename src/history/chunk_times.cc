#include "history/chunk_times.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "history/column.h"

namespace temperature::history {
namespace {

// How timestamps are kept.
enum TimesKind : std::uint8_t {
  kSteps = 0,  // a column of the steps from each to the next
  kGrid = 1,   // a grid of moments, which of them have a reading, and how far beside it
};
constexpr unsigned kFraction = 16;                                 // bits of a grid's step below the millisecond
constexpr std::uint64_t kSpanMax = std::uint64_t{1} << 44U;        // 557 years: with the fraction far from 2^63
constexpr std::uint64_t kGridPointsMax = std::uint64_t{1} << 32U;  // from the first to the last reading
constexpr double kStraightMs = 4;  // so far the last reading may be from where noise makes it
constexpr std::uint64_t kGridBits = 1;
constexpr std::size_t kGridMin = 16;  // fewer readings have none that pays

std::uint64_t ms_of(const Sample& sample) {
  return static_cast<std::uint64_t>(to_ms(sample.timestamp));
}

// Moments first + i x step / 2^16 ms, a number of them for each reading, and the readings' distances.
struct Grid {
  std::uint64_t step = 0;
  std::vector<std::int64_t> skipped;    // grid points between a reading and the one before
  std::vector<std::int64_t> distances;  // ms

  static std::uint64_t moment(std::uint64_t first, std::uint64_t point, std::uint64_t step) {
    return first + ((point * step) >> kFraction);
  }
};

// The grid that the readings lie about, if that could pay. Its step is that of the line through where the first and
// the second half of the readings lie on average, whatever a clock's drift makes of it.
std::optional<Grid> grid_of(std::span<const Sample> samples, std::span<const std::int64_t> steps) {
  const std::uint64_t first = ms_of(samples.front());
  if (samples.size() < kGridMin || ms_of(samples.back()) - first > kSpanMax) return std::nullopt;
  const auto usual = static_cast<std::uint64_t>(column_base(steps, 0));
  if ((ms_of(samples.back()) - first) / usual > kGridPointsMax) return std::nullopt;

  Grid grid;
  grid.skipped.reserve(steps.size());
  std::uint64_t point = 0;
  std::array<std::uint64_t, 2> points{};   // sums over each half
  std::array<std::uint64_t, 2> moments{};  // ms from the first reading
  const std::size_t half = samples.size() / 2;
  for (std::size_t i = 1; i < 2 * half; ++i) {
    const std::uint64_t passed = (static_cast<std::uint64_t>(steps[i - 1]) + usual / 2) / usual;
    point += std::max<std::uint64_t>(1, passed);
    points[i < half ? 0 : 1] += point;
    moments[i < half ? 0 : 1] += ms_of(samples[i]) - first;
  }
  const double straight = static_cast<double>(moments[1] - moments[0]) / static_cast<double>(points[1] - points[0]);
  // A clock that does not drift has a step of whole milliseconds, and noise must not bend it.
  const bool whole = std::abs(straight - std::round(straight)) * static_cast<double>(point) < kStraightMs;
  grid.step = static_cast<std::uint64_t>(std::llround((whole ? std::round(straight) : straight) * (1U << kFraction)));

  grid.distances.reserve(samples.size());
  grid.distances.push_back(0);
  point = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const std::uint64_t passed = (static_cast<std::uint64_t>(steps[i - 1]) + usual / 2) / usual;
    point += std::max<std::uint64_t>(1, passed);
    grid.skipped.push_back(static_cast<std::int64_t>(std::max<std::uint64_t>(1, passed) - 1));
    const std::uint64_t expected = Grid::moment(first, point, grid.step);
    grid.distances.push_back(static_cast<std::int64_t>(ms_of(samples[i]) - expected));
  }
  return grid;
}

}  // namespace

std::optional<std::uint64_t> regular_step(std::span<const Sample> samples) {
  if (samples.size() < 2) return 0;
  const std::uint64_t step = ms_of(samples[1]) - ms_of(samples[0]);
  for (std::size_t i = 2; i < samples.size(); ++i) {
    if (ms_of(samples[i]) - ms_of(samples[i - 1]) != step) return std::nullopt;
  }
  return step;
}

void append_times(std::string& out, std::span<const Sample> samples) {
  std::vector<std::int64_t> steps;
  steps.reserve(samples.size());
  for (std::size_t i = 1; i < samples.size(); ++i) {
    steps.push_back(static_cast<std::int64_t>(ms_of(samples[i]) - ms_of(samples[i - 1])));
  }
  // Steps that are mostly the same have little to gain.
  const std::uint64_t cost = column_cost(steps, 0);
  std::optional<Grid> grid;
  if (cost > column_cost_samples(steps.size()) * kGridBits) grid = grid_of(samples, steps);
  if (grid && column_cost(grid->skipped, 0) + column_cost(grid->distances, 0) < cost) {
    out.push_back(static_cast<char>(kGrid));
    ByteWriter(out).varint(grid->step);
    append_column(out, grid->skipped, 0);
    append_column(out, grid->distances, 0);
  } else {
    out.push_back(static_cast<char>(kSteps));
    append_column(out, steps, 0);
  }
}

bool read_times(ByteReader& in, Timestamp first, std::span<Sample> samples) {
  const auto kind = in.fixed<std::uint8_t>();
  const std::uint64_t grid_step = kind == kGrid ? in.varint() : 0;
  if (kind > kGrid || samples.empty()) return false;
  const auto numbers = std::make_unique_for_overwrite<std::int64_t[]>(samples.size());
  if (!read_column(in, {numbers.get(), samples.size() - 1})) return false;
  auto ms = static_cast<std::uint64_t>(to_ms(first));
  if (kind == kSteps) {
    samples.front().timestamp = first;
    for (std::size_t i = 1; i < samples.size(); ++i) {
      ms += static_cast<std::uint64_t>(numbers[i - 1]);
      samples[i].timestamp = timestamp_from_ms(static_cast<std::int64_t>(ms));
    }
    return true;
  }
  const auto distances = std::make_unique_for_overwrite<std::int64_t[]>(samples.size());
  if (!read_column(in, {distances.get(), samples.size()})) return false;
  std::uint64_t point = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i > 0) point += static_cast<std::uint64_t>(numbers[i - 1]) + 1;
    const std::uint64_t moment = Grid::moment(ms, point, grid_step) + static_cast<std::uint64_t>(distances[i]);
    samples[i].timestamp = timestamp_from_ms(static_cast<std::int64_t>(moment));
  }
  return true;
}

}  // namespace temperature::history
