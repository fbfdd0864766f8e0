#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

// Reads RocksDB's logs, write-ahead logs (*.log) and manifests, before RocksDB does: it takes some damage for a log's
// end, does not tell how much of a torn tail it cuts, and ends the process over other damage.
namespace temperature::rocks {

// What a log is filled ahead with at this offset (journal/wal_files.h): Fibonacci hashing of it.
constexpr char filling_at(std::uint64_t offset) {
  return static_cast<char>(offset * 0x9e3779b97f4a7c15 >> 56U);
}

enum class LogKind : std::uint8_t {
  writes,    // each record has the number of its first write, and these only rise
  manifest,  // the first record is there once
};

// What is known of an instance's logs.
struct LogRules {
  std::string_view whose;  // as in "the journal", for errors
  ErrorCode code;          // of errors
  LogKind kind = LogKind::writes;
  // Whether everything up to this record was synced before anything was written behind it. nullptr: it always was.
  bool (*synced)(std::string_view record) = nullptr;
  bool filled_ahead = false;  // what was never written is filling_at(), not zeros
};

struct LogScan {
  std::uint64_t end = 0;         // of the last whole record
  std::uint64_t torn_bytes = 0;  // behind it: written, never synced
  std::uint64_t records = 0;     // whole ones
};

// The bytes of one log. The format: blocks of 32 KiB, in them fragments of checksum, length, type and bytes
// (rocksdb/db/log_format.h). Only what was not synced can be torn: a synced record behind a broken one is damage. A
// torn write leaves a piece of the right bytes, and sectors that were never written; it never leaves another byte. A
// record that stands there again is damage too. The error names the file and the offset.
Result<LogScan> scan_log(std::string_view bytes, std::string_view name, const LogRules& rules);

struct LogScans {
  std::uint64_t torn_bytes = 0;  // of all
  std::string torn_file;
  std::map<std::filesystem::path, std::uint64_t> ends;  // of each log
};
// All write-ahead logs of a folder, which may be absent.
Result<LogScans> scan_logs(const std::filesystem::path& folder, const LogRules& rules);

// CURRENT and the manifest that it names. RocksDB would begin a new, empty instance where CURRENT is gone, and delete
// the old one's files. An absent or empty folder is well, and so is a first opening that was interrupted.
Result<void> check_manifest(const std::filesystem::path& folder, const LogRules& rules);

// The manifest's name that CURRENT holds; empty: there is no CURRENT, or it is none.
std::string current_manifest(const std::filesystem::path& folder);

// The number in a RocksDB file's name: 5 of "MANIFEST-000005" and of "000005.log"; 0: there is none.
std::uint64_t file_number(std::string_view name);

}  // namespace temperature::rocks
