#include "upkeep/restore.h"

#include <fmt/format.h>

#include "base/descriptor.h"
#include "upkeep/files.h"
#include "upkeep/format_file.h"

namespace temperature::upkeep {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refused(std::string detail) {
  return failure(ErrorCode::startup, std::move(detail));
}

}  // namespace

Result<BackupStamp> restore(const fs::path& backup, const fs::path& data_dir,
                            const std::function<void(std::uint64_t)>& progress) {
  auto stamp = read_stamp(backup);
  if (!stamp) return stamp;
  const auto format = read_format(backup);
  if (!format) return std::unexpected(format.error());
  if (!*format) return refused(fmt::format("{} is no whole backup: it has no file FORMAT", backup.string()));
  if (lies_in(data_dir, backup) || lies_in(backup, data_dir)) {
    return refused(fmt::format("cannot restore into {}: one of it and the backup {} lies in the other",
                               data_dir.string(), backup.string()));
  }
  if (const auto around = store_around(data_dir); !around.empty()) {
    return refused(fmt::format("cannot restore into {}: it lies in {}, which is a data folder or a backup itself",
                               data_dir.string(), around.string()));
  }
  if (!is_empty_folder(data_dir)) {
    return refused(fmt::format("cannot restore into {}: it is not empty; a backup goes into a new folder only",
                               data_dir.string()));
  }
  std::error_code error;
  fs::create_directories(data_dir, error);
  if (error) return refused(fmt::format("cannot make {}: {}", data_dir.string(), error.message()));
  std::uint64_t bytes = 0;
  const auto copied = [&](std::uint64_t more) { progress(bytes += more); };
  fs::directory_iterator entry(backup, error);
  for (; entry != fs::directory_iterator() && !error; entry.increment(error)) {
    const auto name = entry->path().filename();
    if (name == kBackupFile || name == kFormatFile) continue;
    auto done = entry->is_directory() ? copy_folder(entry->path(), data_dir / name, copied)
                                      : copy_file(entry->path(), data_dir / name, copied);
    if (!done) return std::unexpected(std::move(done.error()));
  }
  if (error) return refused(fmt::format("cannot read {}: {}", backup.string(), error.message()));
  if (const auto unsynced = sync_folder(data_dir)) return refused(unsynced.message());
  // The service that was backed up goes on, perhaps: what is written here from now on are other records than its own.
  if (auto last = write_format(data_dir, forked(**format, stamp->journal)); !last) {
    return std::unexpected(std::move(last.error()));
  }
  copied(fs::file_size(data_dir / kFormatFile, error));
  for (const auto& folder : {data_dir, fs::absolute(data_dir).lexically_normal().parent_path()}) {
    if (const auto unsynced = sync_folder(folder)) return refused(unsynced.message());
  }
  return stamp;
}

}  // namespace temperature::upkeep
