#include "history/chunk_frames.h"

#include <limits>

#include "summary/exact_sum.h"
#include "summary/int128.h"

namespace temperature::history {

using summary::int128;
using summary::uint128;

std::optional<FrameReader> FrameReader::take(ByteReader& in, const FrameBasis& basis) {
  FrameReader frames(basis);
  FrameLayout& layout = frames.layout_;
  const auto head = in.fixed<std::uint8_t>();
  if (head >= 1U << (kModeShift + kModeBits)) return std::nullopt;
  layout.length_ms = kFrameLengthsMs[head % kFrameLengthsMs.size()];
  layout.mode = static_cast<FrameMode>(head >> kModeShift);
  const bool one = layout.length_ms == 0;
  if (!one) frames.count_ = in.varint();
  if (frames.count_ == 0 || frames.count_ > basis.count || (one && layout.mode == FrameMode::mixed))
    return std::nullopt;
  if (has_wholes(layout)) {
    layout.zeros = in.fixed<std::uint8_t>();
    layout.lowest = in.zigzag();
    const bool decimal = basis.code.is_decimal();
    if (decimal ? !scale_fits(kFrameScales[basis.code.digits()], layout.zeros) : layout.mode == FrameMode::whole) {
      return std::nullopt;
    }
  }
  std::size_t row_bits = layout.mode == FrameMode::mixed ? kModeBits : 0;
  for (std::size_t field = 0; field < kFrameFields; ++field) {
    if (!field_kept(layout, field)) continue;
    FrameLayout::Column& column = layout.columns[field];
    column.base = in.varint();
    if (one) continue;
    const auto width = in.fixed<std::uint8_t>();
    if (has_unit(static_cast<FrameField>(field))) column.unit = in.varint();
    column.width = width % kOnesEscape;
    column.ones_escape = width >= kOnesEscape;
    if (column.width > 64) return std::nullopt;
    column.all_ones = ones(column.width);
    row_bits += column.width;
  }
  frames.rows_ = BitReader(in.bytes((frames.count_ * row_bits + 7) / 8));
  if (!one) frames.escaped_ = ByteReader(in.text(in.left()));
  frames.full_ = ByteReader(in.bytes(in.left()));
  if (!one) frames.number_ = floor_divide(to_ms(basis.first), layout.length_ms);
  return in.ok() ? std::optional(frames) : std::nullopt;
}

bool FrameReader::next(Frame& frame) {
  if (next_ == count_) return false;
  ++next_;
  FrameMode mode = layout_.mode;
  if (mode == FrameMode::mixed) mode = static_cast<FrameMode>(rows_.read(kModeBits));
  Row row;
  read_row(row);
  summary::Summary& summary = frame.summary;
  if (layout_.length_ms == 0) {
    frame.from = basis_.first;
    frame.to = tick_after(basis_.last);
    summary.count = basis_.count;
    summary.first = basis_.first;
    summary.last = basis_.last;
  } else {
    const auto length = static_cast<std::uint64_t>(layout_.length_ms);
    const std::uint64_t number = static_cast<std::uint64_t>(number_) + row[kSkipped];
    const auto moment = [](std::uint64_t ms) { return timestamp_from_ms(static_cast<std::int64_t>(ms)); };
    number_ = static_cast<std::int64_t>(number + 1);
    frame.from = moment(number * length);
    frame.to = moment((number + 1) * length);
    summary.count = row[kCount];
    summary.first = moment(number * length + row[kFirst]);
    summary.last = moment((number + 1) * length - 1 - row[kLast]);
  }
  const bool whole = mode == FrameMode::whole && basis_.code.is_decimal();
  if (whole) read_whole(summary, row);
  frame.summarized = whole || (mode == FrameMode::full && read_full(summary));
  if (!frame.summarized) {  // nothing of the frame that was here before
    summary.sum = {};
    summary.min = summary.first_value = std::numeric_limits<double>::infinity();
    summary.max = summary.last_value = -std::numeric_limits<double>::infinity();
  }
  return true;
}

void FrameReader::read_row(Row& row) {
  for (std::size_t field = 0; field < kFrameFields; ++field) {
    const FrameLayout::Column& column = layout_.columns[field];
    row[field] = column.base;
    if (column.width == 0) continue;
    std::uint64_t in_row = rows_.read(column.width, column.all_ones);
    if (column.ones_escape && in_row == column.all_ones) in_row = escaped_.varint();
    row[field] += column.unit * in_row;
  }
}

void FrameReader::read_whole(summary::Summary& summary, const Row& row) const {
  const std::uint64_t min = static_cast<std::uint64_t>(layout_.lowest) + row[kMin];
  const auto value = [this](std::uint64_t whole) { return basis_.code.value(static_cast<std::int64_t>(whole)); };
  summary.min = value(min);
  summary.max = value(min + row[kMax]);
  summary.first_value = value(min + row[kFirstValue]);
  summary.last_value = value(min + row[kLastValue]);
  const auto sum = static_cast<std::int64_t>(row[kSum] + summary.count * min);
  const int128 units = foretold(sum, kFrameScales[basis_.code.digits()], layout_.zeros) +
                       static_cast<std::int64_t>(unzigzag(row[kRest]));
  summary.sum = summary::ExactSum(static_cast<int128>(static_cast<uint128>(units) << layout_.zeros));
}

bool FrameReader::read_full(summary::Summary& summary) {
  const auto same = full_.fixed<std::uint8_t>();
  summary.min = full_.fixed<double>();
  summary.max = (same & kMaxIsMin) != 0 ? summary.min : full_.fixed<double>();
  const auto end = [&](unsigned is_min, unsigned is_max) {
    if ((same & is_min) != 0) return summary.min;
    return (same & is_max) != 0 ? summary.max : full_.fixed<double>();
  };
  summary.first_value = end(kFirstIsMin, kFirstIsMax);
  summary.last_value = end(kLastIsMin, kLastIsMax);
  int128 sum = 0;
  const bool fits = summary.count > 1 || summary::to_fixed(summary.min, sum);
  if (summary.count > 1) sum = full_.fixed<int128>();
  summary.sum = summary::ExactSum(sum);
  return full_.ok() && fits;
}

}  // namespace temperature::history
