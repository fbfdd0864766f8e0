#include "journal/wal_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "base/crc32c.h"

namespace temperature::journal {
namespace {

constexpr std::size_t kBlockBytes = 32'768;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kSectorBytes = 512;         // the least that any disk writes as one
constexpr std::uint32_t kMaskDelta = 0xa282ead8;  // rocksdb/util/crc32c.h

enum FragmentType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

enum class Verdict : std::uint8_t { whole, zero, cut, wrong_length, wrong_checksum };

struct Fragment {
  Verdict verdict = Verdict::cut;
  std::uint8_t type = kZero;
  std::size_t bytes = 0;  // with its header; of a broken one, those that it can have had
};

bool checksum_is(std::uint32_t masked, std::string_view type_and_payload) {
  const std::uint32_t rotated = masked - kMaskDelta;
  return crc32c(type_and_payload) == ((rotated >> 17U) | (rotated << 15U));
}

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
  const std::size_t most = std::min({bytes, block_left, log.size() - at});
  if (bytes > block_left || type > kLast || type == kZero) return {.verdict = Verdict::wrong_length, .bytes = most};
  if (bytes > log.size() - at) {
    // Whole, but for the length that its header tells: no torn tail, the header is damaged.
    if (checksum_is(masked, log.substr(at + 6))) return {.verdict = Verdict::wrong_length, .bytes = most};
    return {.verdict = Verdict::cut, .type = type, .bytes = bytes};
  }
  const bool right = checksum_is(masked, log.substr(at + 6, std::size_t{1} + length));
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

bool is_filling(std::string_view log, std::size_t at, std::size_t bytes) {
  for (const std::size_t end = at + bytes; at < end; ++at) {
    if (log[at] != filling_at(at)) return false;
  }
  return true;
}

// Whether some of a fragment was never written: its end, or a sector's part of it.
bool has_filling(std::string_view log, std::size_t at, std::size_t bytes) {
  const std::size_t end = at + bytes;
  if (bytes >= kHeaderBytes && is_filling(log, end - kHeaderBytes, kHeaderBytes)) return true;
  while (at < end) {
    const std::size_t part = std::min(kSectorBytes - at % kSectorBytes, end - at);
    if (is_filling(log, at, part)) return true;
    at += part;
  }
  return false;
}

}  // namespace

Result<LogScan> scan_wal(std::string_view log, std::string_view name) {
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
    const bool wrong = fragment.verdict == Verdict::wrong_checksum || fragment.verdict == Verdict::wrong_length;
    const bool torn = !wrong || has_filling(log, at, fragment.bytes);
    if (!torn || (!is_filling(log, at, log.size() - at) && record_behind(log, at))) {
      return failure(ErrorCode::journal_damaged,
                     fmt::format("the journal's file {} is damaged at byte {} of {}", name, at, log.size()));
    }
    break;
  }
  const std::size_t end = std::min(record_at, log.size());
  std::size_t written = log.size();
  while (written > end && log[written - 1] == filling_at(written - 1)) --written;
  if (log.size() - written < kHeaderBytes) written = log.size();  // a few bytes may look like filling
  return LogScan{.end = end, .torn_bytes = written - end};
}

Result<WalScan> scan_wals(const std::filesystem::path& folder) {
  WalScan scan;
  std::error_code none;
  std::filesystem::directory_iterator file(folder, none);
  for (; file != std::filesystem::directory_iterator(); file.increment(none)) {
    if (file->path().extension() != ".log") continue;
    const std::string name = file->path().string();
    std::ifstream stream(name, std::ios::binary | std::ios::ate);
    std::string bytes(stream ? static_cast<std::size_t>(stream.tellg()) : 0, '\0');
    if (!stream.seekg(0).read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
      return failure(ErrorCode::journal_damaged, fmt::format("the journal's file {} cannot be read", name));
    }
    auto log = scan_wal(bytes, name);
    if (!log) return std::unexpected(std::move(log.error()));
    scan.ends[file->path()] = log->end;
    if (log->torn_bytes == 0) continue;
    scan.torn_bytes += log->torn_bytes;
    scan.torn_file = name;
  }
  return scan;
}

Result<void> check_files(const std::filesystem::path& folder) {
  bool opened = false;  // at least once, to the end: RocksDB's first manifest is replaced by then
  bool log = false;
  bool table = false;
  std::error_code none;
  std::filesystem::directory_iterator file(folder, none);
  for (; file != std::filesystem::directory_iterator(); file.increment(none)) {
    const std::string name = file->path().filename().string();
    opened = opened || (name.starts_with("MANIFEST-") && name != "MANIFEST-000001");
    log = log || name.ends_with(".log");
    table = table || name.ends_with(".sst");
  }
  // RocksDB would begin a new, empty journal and delete the old one's files.
  if ((opened || log || table) && !std::filesystem::exists(folder / "CURRENT", none)) {
    return failure(
        ErrorCode::journal_damaged,
        fmt::format("the journal's file {} is missing beside the journal's others", (folder / "CURRENT").string()));
  }
  // A journal that was open has a log, be it empty: the last groups are nowhere else.
  if ((opened || table) && !log) {
    return failure(ErrorCode::journal_damaged,
                   fmt::format("the journal's newest file, a *.log, is missing (path={})", folder.string()));
  }
  return {};
}

}  // namespace temperature::journal
