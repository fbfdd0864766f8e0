#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "rocks/log_scan.h"

namespace temperature::journal {

// Looks at the journal's write-ahead logs (*.log) before RocksDB does. Each group is synced before the next one is
// written, so only the last record can be torn. Error journal_damaged names the file and the offset.
Result<rocks::LogScans> scan_wals(const std::filesystem::path& folder);
// The same for the bytes of one log.
Result<rocks::LogScan> scan_wal(std::string_view bytes, std::string_view name);

// Looks at files whose loss or damage RocksDB would not notice: CURRENT, the manifest, and the newest log. An absent or
// empty folder is well. Error journal_damaged names what is missing.
Result<void> check_files(const std::filesystem::path& folder);

}  // namespace temperature::journal
