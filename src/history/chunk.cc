#include "history/chunk.h"

#include <libdeflate.h>

#include <algorithm>
#include <functional>

#include "base/bytes.h"
#include "base/check.h"
#include "base/time.h"
#include "history/chunk_limits.h"
#include "history/chunk_times.h"
#include "history/chunk_values.h"

namespace temperature::history {
namespace {

constexpr std::uint8_t kRegular = 0x80;       // beside the value code: timestamps are one step apart
constexpr std::size_t kBodyWithHeadMax = 64;  // bytes of a body that has no checksum of its own

std::unexpected<Error> damaged(const char* what) {
  return failure(ErrorCode::history_failed, std::string("a chunk of the history ") + what);
}

std::uint32_t checksum(std::string_view bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

std::uint64_t ms_between(Timestamp from, Timestamp to) {
  return static_cast<std::uint64_t>(to_ms(to)) - static_cast<std::uint64_t>(to_ms(from));
}

Timestamp later(Timestamp from, std::uint64_t ms) {
  return timestamp_from_ms(static_cast<std::int64_t>(static_cast<std::uint64_t>(to_ms(from)) + ms));
}

}  // namespace

void append_chunk(std::string& out, std::span<const Sample> samples) {
  CHECK(!samples.empty() && samples.size() <= limits::kChunkReadingsMax);
  WholeValues values = to_whole_values(samples);
  const auto step = regular_step(samples);
  std::string head;
  ByteWriter head_bytes(head);
  head_bytes.varint(samples.size());
  head_bytes.zigzag(to_ms(samples.front().timestamp));
  head_bytes.fixed(static_cast<std::uint8_t>(values.code.byte() | (step ? kRegular : 0U)));
  head_bytes.varint(step ? *step : ms_between(samples.front().timestamp, samples.back().timestamp));
  append_frames(head, samples, values);
  std::string body;
  body.reserve(64 + samples.size() / 2);
  if (!step) append_times(body, samples);
  append_values(body, samples, values);

  const std::size_t begin = out.size();
  ByteWriter bytes(out);
  bytes.fixed(kChunkVersion);
  bytes.varint(head.size());
  bytes.varint(body.size());
  out.append(head);
  if (body.size() <= kBodyWithHeadMax) {
    out.append(body);
    bytes.fixed(checksum(std::string_view(out).substr(begin)));
  } else {
    bytes.fixed(checksum(std::string_view(out).substr(begin)));
    out.append(body);
    bytes.fixed(checksum(body));
  }
}

Result<ChunkView> ChunkView::take(std::string_view& bytes) {
  ByteReader in(bytes);
  const auto version = in.fixed<std::uint8_t>();
  if (!in.ok()) return damaged("is cut short");
  if (version != kChunkVersion) {
    return damaged(("is of version " + std::to_string(version) + ", which this program does not read").c_str());
  }
  const std::uint64_t head_size = in.varint();
  const std::uint64_t body_size = in.varint();
  if (!in.ok()) return damaged("is cut short");
  const bool together = body_size <= kBodyWithHeadMax;
  ByteReader head(in.bytes(head_size));
  std::string_view body;
  if (together) body = in.bytes(body_size);
  const std::size_t checked = bytes.size() - in.left();
  const auto sum = in.fixed<std::uint32_t>();
  std::optional<std::uint32_t> body_checksum;
  if (!together) {
    body = in.bytes(body_size);
    body_checksum = in.fixed<std::uint32_t>();
  }
  if (!in.ok()) return damaged("is cut short");
  if (checksum(bytes.substr(0, checked)) != sum) return damaged("has a wrong checksum");

  FrameBasis basis;
  basis.count = head.varint();
  basis.first = timestamp_from_ms(head.zigzag());
  const auto code = head.fixed<std::uint8_t>();
  const auto value_code = ValueCode::from_byte(code & ~kRegular);
  const bool regular = (code & kRegular) != 0;
  const std::uint64_t length = head.varint();
  if (!head.ok() || !value_code || basis.count == 0 || basis.count > limits::kChunkReadingsMax) {
    return damaged("has an impossible head");
  }
  basis.code = *value_code;
  basis.last = later(basis.first, regular ? length * (basis.count - 1) : length);
  const auto frames = FrameReader::take(head, basis);
  if (!frames || basis.last < basis.first) return damaged("has an impossible head");
  ChunkView view(basis, *frames);
  view.bytes_ = bytes.substr(0, bytes.size() - in.left());
  view.body_ = body;
  view.body_checksum_ = body_checksum;
  if (regular) view.step_ = length;
  bytes.remove_prefix(view.bytes_.size());
  return view;
}

std::optional<summary::Summary> ChunkView::summary() const {
  summary::Summary all;
  FrameReader frames = frames_;
  for (Frame frame; frames.next(frame);) {
    if (!frame.summarized) return std::nullopt;
    all.add(frame.summary);
  }
  return all;
}

Result<void> ChunkView::decode(std::vector<Sample>& out) const {
  if (body_checksum_ && checksum(body_) != *body_checksum_) return damaged("has a wrong checksum");
  const std::size_t begin = out.size();
  out.resize(begin + count());
  const std::span<Sample> samples(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end());
  ByteReader in(body_);
  bool read = true;
  if (step_) {
    auto ms = static_cast<std::uint64_t>(to_ms(first()));
    for (Sample& sample : samples) {
      sample.timestamp = timestamp_from_ms(static_cast<std::int64_t>(ms));
      ms += *step_;
    }
  } else {
    read = read_times(in, first(), samples);
  }
  read = read && read_values(in, basis_.code, samples) && in.ok() && in.left() == 0;
  if (read && samples.back().timestamp == last() &&
      std::ranges::adjacent_find(samples, std::ranges::greater_equal(), &Sample::timestamp) == samples.end()) {
    return {};
  }
  out.resize(begin);
  return damaged("cannot be decoded");
}

}  // namespace temperature::history
