#include "journal/wal_scan.h"

#include <fmt/format.h>

namespace temperature::journal {
namespace {

constexpr rocks::LogRules kRules{.whose = "the journal", .code = ErrorCode::journal_damaged, .filled_ahead = true};

}  // namespace

Result<rocks::LogScan> scan_wal(std::string_view bytes, std::string_view name) {
  return rocks::scan_log(bytes, name, kRules);
}

Result<rocks::LogScans> scan_wals(const std::filesystem::path& folder) {
  return rocks::scan_logs(folder, kRules);
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
  if (auto checked = rocks::check_manifest(folder, kRules); !checked) return checked;
  // A journal that was open has a log, be it empty: the last groups are nowhere else.
  if ((opened || table) && !log) {
    return failure(ErrorCode::journal_damaged,
                   fmt::format("the journal's newest file, a *.log, is missing (path={})", folder.string()));
  }
  return {};
}

}  // namespace temperature::journal
