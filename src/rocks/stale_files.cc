#include "rocks/stale_files.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "rocks/log_scan.h"

namespace temperature::rocks {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{20};
constexpr int kLooksMax = 50;

std::set<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::set<std::filesystem::path> found;
  std::error_code none;
  std::filesystem::directory_iterator file(folder, none);
  for (; file != std::filesystem::directory_iterator(); file.increment(none)) {
    const std::filesystem::path ending = file->path().extension();
    if (ending != ".sst" && ending != ".log" && ending != ".trash") continue;
    if (file->file_size(none) > 0) found.insert(file->path().filename());
  }
  return found;
}

}  // namespace

// What is empty has nothing: a crash may leave such a log. The folder first: what is made afterwards is not looked for.
std::set<std::filesystem::path> stale_files(rocksdb::DB& db, const std::filesystem::path& folder) {
  auto stale = files_in(folder);
  std::vector<rocksdb::LiveFileMetaData> tables;
  db.GetLiveFilesMetaData(&tables);
  for (const auto& table : tables) stale.erase(std::filesystem::path(table.name).filename());
  std::uint64_t first_log = 0;
  db.GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &first_log);
  std::erase_if(stale, [first_log](const auto& file) {
    return file.extension() == ".log" && file_number(file.string()) >= first_log;
  });
  return stale;
}

// Where nothing is written RocksDB does not look for what it needs no more, unless deleting was off for a while.
bool have_gone(rocksdb::DB& db, const std::filesystem::path& folder, const std::set<std::filesystem::path>& stale) {
  if (db.DisableFileDeletions().ok()) static_cast<void>(db.EnableFileDeletions(/*force=*/false));
  for (int look = 0; look < kLooksMax; ++look) {
    if (look > 0) std::this_thread::sleep_for(kBetweenLooks);
    const auto now = stale_files(db, folder);
    if (std::ranges::none_of(stale, [&now](const auto& file) { return now.contains(file); })) return true;
  }
  return false;
}

}  // namespace temperature::rocks
