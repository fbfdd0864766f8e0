#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "history/chunk_frames.h"
#include "summary/exact_sum.h"
#include "summary/int128.h"

namespace temperature::history {
namespace {

using summary::int128;

constexpr std::int64_t kFramedMs = std::int64_t{1} << 62U;    // beyond this there is one frame
constexpr std::int64_t kWholeRange = std::int64_t{1} << 48U;  // so that 2^14 differences add up below 2^63

// A frame before it is written.
struct Row {
  std::size_t begin = 0;
  std::size_t end = 0;
  FrameMode mode = FrameMode::none;
  int128 sum = 0;  // exact
  std::int64_t whole_min = 0;
  std::int64_t whole_sum = 0;
  std::array<std::uint64_t, kFrameFields> fields{};
};

// The longest frames that do not have too many readings.
unsigned length_code_for(std::span<const Sample> samples) {
  const std::int64_t first = to_ms(samples.front().timestamp);
  const std::int64_t last = to_ms(samples.back().timestamp);
  if (samples.size() <= kOneFrameReadingsMax || first < -kFramedMs || last > kFramedMs) return 0;
  const double span_ms = static_cast<double>(last) - static_cast<double>(first);
  const auto readings = [&](unsigned code) {
    return static_cast<double>(samples.size() - 1) * static_cast<double>(kFrameLengthsMs[code]) / span_ms;
  };
  unsigned code = kFrameLengthsMs.size() - 1;
  while (code > 1 && readings(code) > kFrameReadingsMax) --code;
  return floor_divide(first, kFrameLengthsMs[code]) == floor_divide(last, kFrameLengthsMs[code]) ? 0 : code;
}

std::vector<Row> cut(std::span<const Sample> samples, std::int64_t length_ms) {
  std::vector<Row> rows;
  if (length_ms == 0) {
    rows.push_back({.begin = 0, .end = samples.size()});
    return rows;
  }
  std::int64_t expected = floor_divide(to_ms(samples.front().timestamp), length_ms);
  for (std::size_t begin = 0; begin < samples.size();) {
    const std::int64_t number = floor_divide(to_ms(samples[begin].timestamp), length_ms);
    const std::int64_t last_ms = number * length_ms + length_ms - 1;
    std::size_t end = begin + 1;
    while (end < samples.size() && to_ms(samples[end].timestamp) <= last_ms) ++end;
    Row row{.begin = begin, .end = end};
    row.fields[kSkipped] = static_cast<std::uint64_t>(number - expected);
    row.fields[kCount] = end - begin;
    row.fields[kFirst] = static_cast<std::uint64_t>(to_ms(samples[begin].timestamp) - number * length_ms);
    row.fields[kLast] = static_cast<std::uint64_t>(last_ms - to_ms(samples[end - 1].timestamp));
    rows.push_back(row);
    expected = number + 1;
    begin = end;
  }
  return rows;
}

// The exact sum of values that `least` and `most` are the ends of, both on one side of 0: in units of the
// lowest bit of the smaller one they are whole numbers of 64 bits. nullopt when they are not.
std::optional<int128> sum_of_alike(std::span<const Sample> samples, double least, double most) {
  if (!(least > 0) && !(most < 0)) return std::nullopt;
  const int smaller = std::ilogb(std::min(std::abs(least), std::abs(most)));
  const int larger = std::ilogb(std::max(std::abs(least), std::abs(most)));
  const int lowest_bit = smaller - 52;
  if (larger - lowest_bit > 61 || larger >= 32 || lowest_bit < summary::kFixedExponent) return std::nullopt;
  const double unit = std::ldexp(1.0, -lowest_bit);
  int128 sum = 0;
  for (const Sample& sample : samples) sum += static_cast<std::int64_t>(sample.value * unit);
  return sum << (lowest_bit - summary::kFixedExponent);
}

bool sum_exactly(std::span<const Sample> samples, int128& sum) {
  for (const Sample& sample : samples) {
    int128 fixed = 0;
    if (!summary::to_fixed(sample.value, fixed)) return false;
    sum += fixed;
  }
  return true;
}

void sum_wholes(std::span<const std::int64_t> wholes, Row& row) {
  std::int64_t min = wholes.front();
  std::int64_t max = min;
  std::uint64_t sum = 0;  // modulo 2^64, as it is read
  for (const std::int64_t whole : wholes) {
    min = std::min(min, whole);
    max = std::max(max, whole);
    sum += static_cast<std::uint64_t>(whole);
  }
  row.whole_min = min;
  row.fields[kMax] = static_cast<std::uint64_t>(max - min);
  if (max - min >= kWholeRange) return;
  const auto above = [min](std::int64_t whole) { return static_cast<std::uint64_t>(whole - min); };
  row.mode = FrameMode::whole;
  row.whole_sum = static_cast<std::int64_t>(sum);
  row.fields[kFirstValue] = above(wholes.front());
  row.fields[kLastValue] = above(wholes.back());
  row.fields[kSum] = sum - wholes.size() * static_cast<std::uint64_t>(min);
}

void summarize(std::span<const Sample> samples, const WholeValues& values, std::vector<Row>& rows) {
  auto exception = values.exceptions.begin();
  for (Row& row : rows) {
    const auto first_beyond = std::lower_bound(exception, values.exceptions.end(), row.end);
    const bool whole = values.code.is_decimal() && exception == first_beyond;
    exception = first_beyond;
    const std::size_t size = row.end - row.begin;
    const auto of_frame = samples.subspan(row.begin, size);
    std::optional<int128> sum;
    if (whole) {
      sum_wholes(std::span(values.wholes).subspan(row.begin, size), row);
      const std::int64_t min = row.whole_min;
      sum = sum_of_alike(of_frame, values.code.value(min),
                         values.code.value(min + static_cast<std::int64_t>(row.fields[kMax])));
    }
    row.sum = sum.value_or(0);
    if (!sum && !sum_exactly(of_frame, row.sum)) {
      row.mode = FrameMode::none;
    } else if (row.mode != FrameMode::whole) {
      row.mode = FrameMode::full;
    }
  }
}

FrameLayout::Column column_of(const std::vector<Row>& rows, FrameField field) {
  FrameLayout::Column column;
  column.base = std::ranges::min(rows, {}, [field](const Row& row) { return row.fields[field]; }).fields[field];
  std::uint64_t unit = 0;
  std::uint64_t bits_used = 0;
  for (const Row& row : rows) {
    unit = std::gcd(unit, row.fields[field] - column.base);
    bits_used |= row.fields[field] - column.base;
  }
  if (has_unit(field)) column.unit = std::max<std::uint64_t>(unit, 1);
  const auto in_row = [&](const Row& row) { return (row.fields[field] - column.base) / column.unit; };
  column.width = static_cast<unsigned>(std::bit_width(bits_used / column.unit));
  std::size_t least_bits = rows.size() * column.width;
  for (unsigned width = 1; width < 64 && (bits_used / column.unit) >> width != 0; ++width) {
    std::size_t bits = rows.size() * width;
    for (const Row& row : rows) bits += in_row(row) >= ones(width) ? varint_bits(in_row(row)) : 0;
    if (bits >= least_bits) continue;
    least_bits = bits;
    column.width = width;
    column.ones_escape = true;
  }
  column.all_ones = ones(column.width);
  return column;
}

// Finds what the rows have in common; rows whose sums do not fit become full ones.
void lay_out(std::vector<Row>& rows, ValueCode code, FrameLayout& layout) {
  int128 ones = 0;
  std::optional<std::int64_t> lowest;
  for (const Row& row : rows) {
    if (row.mode != FrameMode::whole) continue;
    ones |= row.sum;
    lowest = std::min(lowest.value_or(row.whole_min), row.whole_min);
  }
  layout.lowest = lowest.value_or(0);
  while (layout.zeros < kZerosMax && ((ones >> layout.zeros) & 1) == 0) ++layout.zeros;
  const FrameScale& scale = kFrameScales[code.is_decimal() ? code.digits() : 0];
  CHECK(scale_fits(scale, layout.zeros));  // a decimal of few digits has no low bits
  const std::array<std::uint64_t, kFrameFields> nothing{};
  const std::array<std::uint64_t, kFrameFields>* model = &nothing;
  for (Row& row : rows) {
    if (row.mode != FrameMode::whole) continue;
    const int128 rest = (row.sum >> layout.zeros) - foretold(row.whole_sum, scale, layout.zeros);
    const auto kept = static_cast<std::int64_t>(rest);
    if (kept != rest) {
      row.mode = FrameMode::full;
      continue;
    }
    row.fields[kMin] = static_cast<std::uint64_t>(row.whole_min - layout.lowest);
    row.fields[kRest] = zigzag(static_cast<std::uint64_t>(kept));
    model = &row.fields;
  }
  layout.mode = rows.front().mode;
  for (Row& row : rows) {
    if (row.mode != rows.front().mode) layout.mode = FrameMode::mixed;
    if (row.mode != FrameMode::whole) std::copy(model->begin() + kMin, model->end(), row.fields.begin() + kMin);
  }
  for (std::size_t field = 0; field < kFrameFields; ++field) {
    layout.columns[field] = column_of(rows, static_cast<FrameField>(field));
  }
}

void append_full(std::string& out, std::span<const Sample> samples, int128 sum) {
  const auto by_value = [](const Sample& a, const Sample& b) { return a.value < b.value; };
  const auto [least, most] = std::ranges::minmax_element(samples, by_value);
  const auto same = [](double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
  };
  const double min = least->value;
  const double max = most->value;
  const double first = samples.front().value;
  const double last = samples.back().value;
  const bool first_known = same(first, min) || same(first, max);
  const bool last_known = same(last, min) || same(last, max);
  ByteWriter bytes(out);
  bytes.fixed(static_cast<std::uint8_t>((same(max, min) ? kMaxIsMin : 0) | (same(first, min) ? kFirstIsMin : 0) |
                                        (same(first, max) ? kFirstIsMax : 0) | (same(last, min) ? kLastIsMin : 0) |
                                        (same(last, max) ? kLastIsMax : 0)));
  bytes.fixed(min);
  if (!same(max, min)) bytes.fixed(max);
  if (!first_known) bytes.fixed(first);
  if (!last_known) bytes.fixed(last);
  if (samples.size() > 1) bytes.fixed(sum);
}

}  // namespace

void append_frames(std::string& out, std::span<const Sample> samples, const WholeValues& values) {
  const unsigned code = length_code_for(samples);
  FrameLayout layout;
  layout.length_ms = kFrameLengthsMs[code];
  std::vector<Row> rows = cut(samples, layout.length_ms);
  summarize(samples, values, rows);
  lay_out(rows, values.code, layout);

  ByteWriter bytes(out);
  bytes.fixed(static_cast<std::uint8_t>(code | static_cast<unsigned>(layout.mode) << kModeShift));
  if (code != 0) bytes.varint(rows.size());
  if (has_wholes(layout)) {
    bytes.fixed(static_cast<std::uint8_t>(layout.zeros));
    bytes.zigzag(layout.lowest);
  }
  for (std::size_t field = 0; field < kFrameFields; ++field) {
    if (!field_kept(layout, field)) continue;
    const FrameLayout::Column& column = layout.columns[field];
    bytes.varint(column.base);
    if (code == 0) continue;
    bytes.fixed(static_cast<std::uint8_t>(column.width | (column.ones_escape ? kOnesEscape : 0U)));
    if (has_unit(static_cast<FrameField>(field))) bytes.varint(column.unit);
  }
  std::string escaped;
  BitWriter bits(out);
  for (const Row& row : rows) {
    if (code == 0) break;
    if (layout.mode == FrameMode::mixed) bits.write(static_cast<std::uint64_t>(row.mode), kModeBits);
    for (std::size_t field = 0; field < kFrameFields; ++field) {
      if (!field_kept(layout, field)) continue;
      const FrameLayout::Column& column = layout.columns[field];
      const std::uint64_t in_row = (row.fields[field] - column.base) / column.unit;
      const bool escapes = column.ones_escape && in_row >= column.all_ones;
      bits.write(escapes ? column.all_ones : in_row, column.width);
      if (escapes) ByteWriter(escaped).varint(in_row);
    }
  }
  bits.finish();
  if (code != 0) bytes.text(escaped);
  for (const Row& row : rows) {
    if (row.mode == FrameMode::full) append_full(out, samples.subspan(row.begin, row.end - row.begin), row.sum);
  }
}

}  // namespace temperature::history
