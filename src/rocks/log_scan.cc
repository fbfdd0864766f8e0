#include "rocks/log_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "base/crc32c.h"

namespace temperature::rocks {
namespace {

constexpr std::size_t kBlockBytes = 32'768;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kSectorBytes = 512;         // the least that any disk writes as one
constexpr std::size_t kBlankBytesMin = 8;         // less of it may be what was written
constexpr std::size_t kWriteHeaderBytes = 12;     // of a WriteBatch: the number of its first write, and how many
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

// The scan of one log.
class Scan {
 public:
  Scan(std::string_view log, std::string_view name, const LogRules& rules) : log_(log), name_(name), rules_(rules) {}

  Result<LogScan> run() {
    while (at_ < log_.size()) {
      const std::size_t block_left = kBlockBytes - at_ % kBlockBytes;
      if (block_left < kHeaderBytes) {
        at_ += block_left;
        continue;
      }
      const Fragment fragment = fragment_at(log_, at_);
      if (fragment.verdict != Verdict::whole) {
        if (is_damaged(fragment)) return damaged("damaged");
        break;
      }
      if (!joins(fragment)) return damaged("damaged");
      record_ += log_.substr(at_ + kHeaderBytes, fragment.bytes - kHeaderBytes);
      if (fragment.type == kFull || fragment.type == kLast) {
        if (const char* wrong = take_record(); wrong != nullptr) return damaged(wrong);
        scan_.end = at_ + fragment.bytes;
      }
      at_ += fragment.bytes;
    }
    scan_.end = std::min<std::uint64_t>(scan_.end, log_.size());
    scan_.torn_bytes = written() - scan_.end;
    return scan_;
  }

 private:
  [[nodiscard]] std::unexpected<Error> damaged(std::string_view how) const {
    return failure(rules_.code,
                   fmt::format("{}'s file {} is {} at byte {} of {}", rules_.whose, name_, how, at_, log_.size()));
  }

  // A record is one full fragment, or a first, middle ones, and a last.
  bool joins(const Fragment& fragment) {
    const bool begins = fragment.type == kFull || fragment.type == kFirst;
    if (begins == in_record_) return false;
    in_record_ = fragment.type == kFirst || fragment.type == kMiddle;
    return true;
  }

  // Looks at the record that has come together; returns what is wrong with it.
  const char* take_record() {
    const std::string record = std::exchange(record_, {});
    ++scan_.records;
    if (rules_.kind == LogKind::manifest) {
      if (scan_.records == 1) {
        first_record_ = record;
      } else if (record == first_record_) {
        return "there twice: its beginning stands again";
      }
      return nullptr;
    }
    if (record.size() < kWriteHeaderBytes) return "damaged";
    std::uint64_t first = 0;
    std::uint32_t count = 0;
    std::memcpy(&first, record.data(), sizeof first);
    std::memcpy(&count, record.data() + sizeof first, sizeof count);
    if (first < next_write_) return "damaged: an earlier write stands again";
    next_write_ = first + count;
    return nullptr;
  }

  [[nodiscard]] bool is_damaged(const Fragment& fragment) const {
    const bool wrong = fragment.verdict == Verdict::wrong_checksum || fragment.verdict == Verdict::wrong_length;
    if (wrong && !has_blank(at_, fragment.bytes)) return true;
    return !is_blank(at_, log_.size() - at_) && synced_behind(at_);
  }

  // Whether a synced record is anywhere behind `at`. (Fragments in its middle may belong to the torn one.)
  [[nodiscard]] bool synced_behind(std::size_t at) const {
    for (++at; at + kHeaderBytes <= log_.size(); ++at) {
      if (kBlockBytes - at % kBlockBytes < kHeaderBytes) continue;
      const auto type = static_cast<std::uint8_t>(log_[at + 6]);
      if (type != kFull && type != kFirst) continue;
      const Fragment fragment = fragment_at(log_, at);
      if (fragment.verdict != Verdict::whole) continue;
      if (rules_.synced == nullptr) return true;
      if (const auto record = record_at(at); record && rules_.synced(*record)) return true;
      at += fragment.bytes - 1;
    }
    return false;
  }

  // nullopt: it is not whole.
  [[nodiscard]] std::optional<std::string> record_at(std::size_t at) const {
    std::string record;
    while (at < log_.size()) {
      const std::size_t block_left = kBlockBytes - at % kBlockBytes;
      if (block_left < kHeaderBytes) {
        at += block_left;
        continue;
      }
      const Fragment fragment = fragment_at(log_, at);
      if (fragment.verdict != Verdict::whole) return std::nullopt;
      record += log_.substr(at + kHeaderBytes, fragment.bytes - kHeaderBytes);
      if (fragment.type == kFull || fragment.type == kLast) return record;
      at += fragment.bytes;
    }
    return std::nullopt;
  }

  [[nodiscard]] char blank_at(std::size_t at) const { return rules_.filled_ahead ? filling_at(at) : '\0'; }

  [[nodiscard]] bool is_blank(std::size_t at, std::size_t bytes) const {
    for (const std::size_t end = at + bytes; at < end; ++at) {
      if (log_[at] != blank_at(at)) return false;
    }
    return true;
  }

  // Whether some of a fragment was never written: a sector's part of it or, where that can be told, its end.
  [[nodiscard]] bool has_blank(std::size_t at, std::size_t bytes) const {
    const std::size_t end = at + bytes;
    if (rules_.filled_ahead && bytes >= kHeaderBytes && is_blank(end - kHeaderBytes, kHeaderBytes)) return true;
    while (at < end) {
      const std::size_t part = std::min(kSectorBytes - at % kSectorBytes, end - at);
      if ((rules_.filled_ahead || part >= kBlankBytesMin) && is_blank(at, part)) return true;
      at += part;
    }
    return false;
  }

  // Where what was written ends, be it torn.
  [[nodiscard]] std::uint64_t written() const {
    std::size_t written = log_.size();
    while (written > scan_.end && log_[written - 1] == blank_at(written - 1)) --written;
    return log_.size() - written < kHeaderBytes ? log_.size() : written;  // a few bytes may look like filling
  }

  const std::string_view log_;
  const std::string_view name_;
  const LogRules& rules_;
  std::size_t at_ = 0;
  LogScan scan_;
  bool in_record_ = false;
  std::string record_;  // so far
  std::string first_record_;
  std::uint64_t next_write_ = 0;
};

Result<std::string> read_whole(const std::filesystem::path& file, const LogRules& rules) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  std::string bytes(stream ? static_cast<std::size_t>(stream.tellg()) : 0, '\0');
  if (!stream.seekg(0).read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    return failure(rules.code, fmt::format("{}'s file {} cannot be read", rules.whose, file.string()));
  }
  return bytes;
}

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.ends_with('\n') ? text.substr(0, text.size() - 1) : std::string();
}

// A name of one of the instance's own files that tells that it was there; empty: none is.
std::string remains_of(const std::filesystem::path& folder) {
  std::error_code none;
  std::filesystem::directory_iterator file(folder, none);
  for (; file != std::filesystem::directory_iterator(); file.increment(none)) {
    std::string name = file->path().filename().string();
    if (name == "MANIFEST-000001") continue;  // of a first opening that was interrupted
    if (name.starts_with("MANIFEST-") || name.ends_with(".sst") || name.ends_with(".log")) return name;
  }
  return {};
}

}  // namespace

Result<LogScan> scan_log(std::string_view bytes, std::string_view name, const LogRules& rules) {
  return Scan(bytes, name, rules).run();
}

Result<LogScans> scan_logs(const std::filesystem::path& folder, const LogRules& rules) {
  LogScans scans;
  std::error_code none;
  std::filesystem::directory_iterator file(folder, none);
  for (; file != std::filesystem::directory_iterator(); file.increment(none)) {
    if (file->path().extension() != ".log") continue;
    const std::string name = file->path().string();
    auto bytes = read_whole(file->path(), rules);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    auto log = scan_log(*bytes, name, rules);
    if (!log) return std::unexpected(std::move(log.error()));
    scans.ends[file->path()] = log->end;
    if (log->torn_bytes == 0) continue;
    scans.torn_bytes += log->torn_bytes;
    scans.torn_file = name;
  }
  return scans;
}

Result<void> check_manifest(const std::filesystem::path& folder, const LogRules& rules) {
  const auto damaged = [&rules](const std::filesystem::path& file, std::string_view how) {
    return failure(rules.code, fmt::format("{}'s file {} {}", rules.whose, file.string(), how));
  };
  std::error_code none;
  const std::filesystem::path current = folder / "CURRENT";
  if (!std::filesystem::exists(current, none)) {
    const std::string beside = remains_of(folder);
    return beside.empty() ? Result<void>() : damaged(current, fmt::format("is missing beside {}", beside));
  }
  const std::string name = current_manifest(folder);
  if (name.empty()) return damaged(current, "is damaged: it names no manifest");
  if (!std::filesystem::exists(folder / name, none)) {
    return damaged(folder / name, fmt::format("is missing, but {} names it", current.string()));
  }
  const auto bytes = read_whole(folder / name, rules);
  if (!bytes) return std::unexpected(bytes.error());
  LogRules its = rules;
  its.kind = LogKind::manifest;
  its.synced = nullptr;
  its.filled_ahead = false;
  const auto scanned = scan_log(*bytes, (folder / name).string(), its);
  if (!scanned) return std::unexpected(scanned.error());
  if (scanned->records == 0) return damaged(folder / name, "is cut: it has no whole record");
  return {};
}

std::string current_manifest(const std::filesystem::path& folder) {
  std::string name = first_line(folder / "CURRENT");
  return name.starts_with("MANIFEST-") && file_number(name) > 0 ? name : std::string();
}

std::uint64_t file_number(std::string_view name) {
  if (name.starts_with("MANIFEST-")) {
    name.remove_prefix(std::string_view("MANIFEST-").size());
  } else if (const auto dot = name.rfind('.'); dot != std::string_view::npos) {
    name = name.substr(0, dot);
  }
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && stop == name.data() + name.size() ? number : 0;
}

}  // namespace temperature::rocks
