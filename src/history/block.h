#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/reading.h"

// A block: some readings of one series, sorted by time, as bytes. docs/formats/history.md draws it.
// Lossless for any double, to the bit, and any moment. Decoding is total: any bytes give a result.
namespace temperature::history {

inline constexpr std::uint8_t kBlockVersion = 1;

// `samples`: 1..limits::kBlockReadingsMax, rising timestamps.
std::string encode_block(std::span<const Sample> samples);

// What a block covers, without decoding it.
struct BlockHeader {
  std::uint32_t count = 0;
  Timestamp first;
  Timestamp last;
};

// Errors: history_failed when the bytes are not a block (too short, wrong checksum, other version).
Result<BlockHeader> read_block_header(std::string_view bytes);
// Appends rising timestamps, or nothing.
Result<void> decode_block(std::string_view bytes, std::vector<Sample>& out);

}  // namespace temperature::history
