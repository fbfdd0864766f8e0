#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "journal/wal_files.h"

namespace temperature::journal {

struct WalScan {
  std::uint64_t torn_bytes = 0;  // behind the last whole records: written, never acknowledged
  std::string torn_file;
  WalEnds ends;  // of every log
};

// Reads RocksDB's write-ahead logs (*.log) before RocksDB does, because it does not tell how much of
// a torn tail it cuts, and takes some damage in the middle for one. The log's format: blocks of 32 KiB,
// in them fragments of checksum, length, type and bytes (rocksdb/db/log_format.h).
// Each group is synced before the next one is written, so only the last record can be torn: a whole
// one behind a broken one is damage. A torn write leaves a piece of the right bytes, and where the log was filled
// ahead, some of the filling; it never leaves another byte. Error journal_damaged names the file and the offset.
Result<WalScan> scan_wals(const std::filesystem::path& folder);

// The same for the bytes of one log.
struct LogScan {
  std::uint64_t end = 0;  // of the last whole record
  std::uint64_t torn_bytes = 0;
};
Result<LogScan> scan_wal(std::string_view bytes, std::string_view name);

// Looks for files whose loss RocksDB would not notice: CURRENT, and the newest log. An absent or empty
// folder is well. Error journal_damaged names what is missing.
Result<void> check_files(const std::filesystem::path& folder);

}  // namespace temperature::journal
