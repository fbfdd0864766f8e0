#include <libdeflate.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/time.h"
#include "history/chunk.h"
#include "history/chunk_limits.h"

// Any bytes read as a chunk: samples or a refusal, nothing else; and frames, whatever they say. Any samples come
// back from a chunk to the bit, and its frames say what there is in them.
namespace temperature::history {
namespace {

bool same_bits(const Sample& a, const Sample& b) {
  return a.timestamp == b.timestamp && std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value);
}

void check_frames(const ChunkView& chunk, std::span<const Sample> samples) {
  std::size_t at = 0;
  std::size_t frames = 0;
  chunk.for_each_frame([&](const Frame& frame) {
    ++frames;
    summary::Summary want;
    CHECK(frame.summary.count > 0 && frame.summary.count <= samples.size() - at);
    for (std::size_t i = 0; i < frame.summary.count; ++i) want.add(samples[at++]);
    const summary::Summary& got = frame.summary;
    CHECK(got.first == want.first && got.last == want.last);
    CHECK(frame.from <= want.first && (want.last < frame.to || frame.to == kTimestampMax));
    CHECK(frame.summarized == want.sum.fixed().has_value());
    if (!frame.summarized) return;
    CHECK(got.sum.fixed() == want.sum.fixed() && got.min == want.min && got.max == want.max);
    CHECK(got.first_value == want.first_value && got.last_value == want.last_value);
  });
  CHECK(at == samples.size() && frames == chunk.frame_count());
}

void check_round_trip(std::span<const Sample> samples) {
  std::string bytes;
  append_chunk(bytes, samples);
  std::string_view rest = bytes;
  const auto chunk = ChunkView::take(rest);
  CHECK(chunk && rest.empty() && chunk->count() == samples.size());
  CHECK(chunk->first() == samples.front().timestamp && chunk->last() == samples.back().timestamp);
  std::vector<Sample> back;
  CHECK(chunk->decode(back));
  CHECK(std::ranges::equal(back, samples, same_bits));
  check_frames(*chunk, samples);
}

void check_decoding(std::string_view bytes) {
  const std::size_t size = bytes.size();
  const auto chunk = ChunkView::take(bytes);
  if (!chunk) {
    CHECK(chunk.error().code == ErrorCode::history_failed && bytes.size() == size);
    return;
  }
  CHECK(chunk->count() > 0 && chunk->count() <= limits::kChunkReadingsMax);
  std::size_t frames = 0;
  chunk->for_each_frame([&](const Frame&) { ++frames; });
  CHECK(frames == chunk->frame_count() && frames <= chunk->count());
  static_cast<void>(chunk->summary());
  std::vector<Sample> out{{timestamp_from_ms(1), 1}};
  if (const auto decoded = chunk->decode(out); !decoded) {
    CHECK(decoded.error().code == ErrorCode::history_failed && out.size() == 1);
    return;
  }
  CHECK(out.size() == 1 + chunk->count());
  check_round_trip(std::span(out).subspan(1));
}

// Puts right checksums where the bytes, read as a chunk, have them.
void mend(std::string& bytes) {
  ByteReader in(bytes);
  in.fixed<std::uint8_t>();
  const std::uint64_t head = in.varint();
  const std::uint64_t body = in.varint();
  const auto put = [&bytes](std::size_t from, std::size_t to) {
    const std::uint32_t sum = libdeflate_crc32(0, bytes.data() + from, to - from);
    std::memcpy(bytes.data() + to, &sum, sizeof sum);
  };
  const std::size_t begin = bytes.size() - in.left();
  if (!in.ok() || head > in.left() || body > in.left() - head) return;
  const std::size_t checksums = body <= 64 ? 4 : 8;
  if (in.left() - head - body < checksums) return;
  if (body <= 64) {
    put(0, begin + head + body);
  } else {
    put(0, begin + head);
    put(begin + head + 4, begin + head + 4 + body);
  }
}

// The bytes as pairs of a step in time and a value; `kind` makes them more like a sensor's.
void check_samples(std::string_view bytes, unsigned kind) {
  std::vector<Sample> samples;
  std::uint64_t ms = 0;
  for (; bytes.size() >= 4 && samples.size() < limits::kChunkReadingsMax; bytes.remove_prefix(4)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data(), std::min<std::size_t>(bytes.size(), 8));
    const auto four = static_cast<std::uint32_t>(eight);
    ms = kind % 2 == 0 ? eight : ms + 1'000 + eight % 4 * 250;
    const double decimal = static_cast<double>(static_cast<std::int32_t>(four) >> (kind / 4 % 8 * 4)) / 100;
    const bool any = kind / 2 % 2 == 0 || four % 251 == 0;
    samples.push_back({timestamp_from_ms(static_cast<std::int64_t>(ms)), any ? std::bit_cast<double>(eight) : decimal});
  }
  std::ranges::sort(samples, {}, &Sample::timestamp);
  const auto repeated = std::ranges::unique(samples, {}, &Sample::timestamp);
  samples.erase(repeated.begin(), repeated.end());
  if (!samples.empty()) check_round_trip(samples);
}

}  // namespace
}  // namespace temperature::history

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  namespace history = temperature::history;
  if (size == 0) return 0;
  std::string rest(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  switch (bytes[0] % 3) {
    case 0:
      history::check_decoding(rest);
      break;
    case 1:
      history::mend(rest);
      history::check_decoding(rest);
      break;
    default:
      history::check_samples(rest, bytes[0] / 3);
      break;
  }
  return 0;
}
