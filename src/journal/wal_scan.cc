#include "journal/wal_scan.h"

#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "base/crc32c.h"

namespace temperature::journal {
namespace {

constexpr std::size_t kBlockBytes = 32'768;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::uint32_t kMaskDelta = 0xa282ead8;  // rocksdb/util/crc32c.h

enum FragmentType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

enum class Verdict : std::uint8_t { whole, zero, cut, wrong_length, wrong_checksum };

struct Fragment {
  Verdict verdict = Verdict::cut;
  std::uint8_t type = kZero;
  std::size_t bytes = 0;  // with its header
};

Fragment fragment_at(std::string_view log, std::size_t at) {
  const std::size_t block_left = kBlockBytes - at % kBlockBytes;
  if (log.size() - at < kHeaderBytes) return {.verdict = Verdict::cut};
  std::uint32_t masked = 0;
  std::uint16_t length = 0;
  std::memcpy(&masked, log.data() + at, sizeof masked);
  std::memcpy(&length, log.data() + at + 4, sizeof length);
  const auto type = static_cast<std::uint8_t>(log[at + 6]);
  if (type == kZero && length == 0) return {.verdict = Verdict::zero};
  const std::size_t bytes = kHeaderBytes + length;
  if (bytes > block_left || type > kLast || type == kZero) return {.verdict = Verdict::wrong_length};
  if (bytes > log.size() - at) return {.verdict = Verdict::cut, .type = type, .bytes = bytes};
  const std::uint32_t rotated = masked - kMaskDelta;
  const std::uint32_t want = (rotated >> 17U) | (rotated << 15U);
  const bool right = crc32c(log.substr(at + 6, std::size_t{1} + length)) == want;
  return {.verdict = right ? Verdict::whole : Verdict::wrong_checksum, .type = type, .bytes = bytes};
}

// Whether a whole record begins anywhere behind `at`. (Fragments in its middle may belong to the torn one.)
bool record_behind(std::string_view log, std::size_t at) {
  for (++at; at + kHeaderBytes <= log.size(); ++at) {
    if (kBlockBytes - at % kBlockBytes < kHeaderBytes) continue;
    const auto type = static_cast<std::uint8_t>(log[at + 6]);
    if (type != kFull && type != kFirst) continue;
    if (fragment_at(log, at).verdict == Verdict::whole) return true;
  }
  return false;
}

}  // namespace

Result<std::uint64_t> scan_wal(std::string_view log, std::string_view name) {
  std::size_t at = 0;
  std::size_t record_at = 0;
  while (at < log.size()) {
    const std::size_t block_left = kBlockBytes - at % kBlockBytes;
    if (block_left < kHeaderBytes) {
      at += block_left;
      continue;
    }
    const Fragment fragment = fragment_at(log, at);
    if (fragment.verdict == Verdict::whole) {
      at += fragment.bytes;
      if (fragment.type == kFull || fragment.type == kLast) record_at = at;
      continue;
    }
    if (fragment.verdict == Verdict::wrong_checksum || record_behind(log, at)) {
      return failure(ErrorCode::journal_damaged,
                     fmt::format("the journal's file {} is damaged at byte {} of {}", name, at, log.size()));
    }
    break;
  }
  return log.size() > record_at ? log.size() - record_at : 0;
}

Result<WalScan> scan_wals(const std::filesystem::path& folder) {
  WalScan scan;
  std::error_code missing;
  for (const auto& file : std::filesystem::directory_iterator(folder, missing)) {
    if (file.path().extension() != ".log") continue;
    std::ifstream stream(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (stream.bad()) {
      return failure(ErrorCode::journal_damaged, fmt::format("the journal's file {} cannot be read", file.path().string()));
    }
    auto torn = scan_wal(bytes, file.path().string());
    if (!torn) return std::unexpected(std::move(torn.error()));
    if (*torn == 0) continue;
    scan.torn_bytes += *torn;
    scan.torn_file = file.path().string();
  }
  return scan;
}

}  // namespace temperature::journal
