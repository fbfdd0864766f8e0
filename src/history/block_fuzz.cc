#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include <libdeflate.h>

#include "base/check.h"
#include "base/limits.h"
#include "history/block.h"

// Any bytes read as a block: samples or a refusal, nothing else. Any samples come back from a block to
// the bit.
namespace temperature::history {
namespace {

bool same_bits(const Sample& a, const Sample& b) {
  return a.timestamp == b.timestamp && std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value);
}

void check_round_trip(std::span<const Sample> samples) {
  const std::string block = encode_block(samples);
  const auto header = read_block_header(block);
  CHECK(header && header->count == samples.size());
  CHECK(header->first == samples.front().timestamp && header->last == samples.back().timestamp);
  std::vector<Sample> back;
  CHECK(decode_block(block, back));
  CHECK(std::ranges::equal(back, samples, same_bits));
}

void check_decoding(const std::string& bytes) {
  std::vector<Sample> out{{timestamp_from_ms(1), 1}};
  const std::size_t before = out.size();
  if (const auto decoded = decode_block(bytes, out); !decoded) {
    CHECK(decoded.error().code == ErrorCode::history_failed && out.size() == before);
    return;
  }
  const std::span<const Sample> samples(out.begin() + 1, out.end());
  CHECK(!samples.empty() && samples.size() <= limits::kBlockReadingsMax);
  check_round_trip(samples);
}

// The bytes as pairs of a step in time and a value.
void check_samples(std::string_view bytes) {
  std::vector<Sample> samples;
  for (; bytes.size() >= 16 && samples.size() < limits::kBlockReadingsMax; bytes.remove_prefix(16)) {
    std::int64_t ms = 0;
    double value = 0;
    std::memcpy(&ms, bytes.data(), sizeof ms);
    std::memcpy(&value, bytes.data() + 8, sizeof value);
    samples.push_back({timestamp_from_ms(ms), value});
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
    case 1:  // with the checksum that the bytes have
      if (rest.size() >= 4) {
        const std::uint32_t sum = libdeflate_crc32(0, rest.data() + 4, rest.size() - 4);
        std::memcpy(rest.data(), &sum, sizeof sum);
      }
      history::check_decoding(rest);
      break;
    default:
      history::check_samples(rest);
      break;
  }
  return 0;
}
