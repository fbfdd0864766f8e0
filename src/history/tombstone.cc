#include "history/tombstone.h"

#include <libdeflate.h>

#include "base/bytes.h"

namespace temperature::history {
namespace {

// The version of a chunk is 1.
constexpr std::uint8_t kTombstoneMark = 0x80;
constexpr std::size_t kTombstoneSummedBytes = 1 + 8 + 8;

}  // namespace

void append_tombstone(std::string& out, const Tombstone& tombstone) {
  const std::size_t begin = out.size();
  ByteWriter bytes(out);
  bytes.fixed(kTombstoneMark);
  bytes.fixed(to_ms(tombstone.from));
  bytes.fixed(to_ms(tombstone.to));
  bytes.fixed(libdeflate_crc32(0, out.data() + begin, kTombstoneSummedBytes));
}

bool begins_with_tombstone(std::string_view bytes) {
  return !bytes.empty() && static_cast<std::uint8_t>(bytes.front()) == kTombstoneMark;
}

Result<Tombstone> take_tombstone(std::string_view& bytes) {
  ByteReader in(bytes);
  const std::string_view summed = in.bytes(kTombstoneSummedBytes);
  const auto sum = in.fixed<std::uint32_t>();
  if (!in.ok() || libdeflate_crc32(0, summed.data(), summed.size()) != sum) {
    return failure(ErrorCode::history_failed, "a tombstone of the history is cut short or has a wrong checksum");
  }
  ByteReader fields(summed.substr(1));
  const Timestamp from = timestamp_from_ms(fields.fixed<std::int64_t>());
  const Timestamp to = timestamp_from_ms(fields.fixed<std::int64_t>());
  bytes.remove_prefix(kTombstoneSummedBytes + sizeof sum);
  return Tombstone{from, to};
}

}  // namespace temperature::history
