#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/ids.h"

namespace rocksdb {
class DB;
}

// A backup of a data folder in use: a data folder that a service can be started on, and a file BACKUP that says what it
// is.
namespace temperature::upkeep {

inline constexpr const char* kBackupFile = "BACKUP";

// What a backup is made of.
struct BackupSource {
  std::filesystem::path data_dir;
  // The RocksDB instances in it by their paths below it, in the order in which they are copied: the history before the
  // journal, which must reach back to what the history says then.
  struct Store {
    std::filesystem::path folder;
    rocksdb::DB* db;
  };
  std::vector<Store> stores;
  // Called first: keeps the journal from releasing anything while what it returns lives.
  std::function<std::shared_ptr<void>()> hold_journal;
  // The safe position of the history and the last record of the journal, now.
  std::function<std::pair<Position, Position>()> positions;
};

struct BackupStamp {
  Timestamp taken;
  Position history;  // everything up to here is in the history,
  Position journal;  // and everything up to here at least in the journal
  std::uint64_t bytes = 0;
};

// Whether a backup may go there: an absolute path outside the data folder, not there or empty, no symbolic link, the
// folder above is there. Error directory_invalid.
Result<void> check_backup_folder(const std::filesystem::path& data_dir, const std::filesystem::path& folder);

// Makes the backup under "FOLDER.partial", syncs it, and gives it its name when it is whole. After an error nothing is
// left; after a kill "FOLDER.partial" is. Tables are linked where they can be, so that it takes little time and space
// at first. Neither writers nor readers wait for it. Errors: directory_invalid, disk_full, internal.
Result<BackupStamp> make_backup(const BackupSource& source, const std::filesystem::path& folder, Timestamp now);

std::string encode_stamp(const BackupStamp& stamp);
// Error startup: the folder is no whole backup.
Result<BackupStamp> read_stamp(const std::filesystem::path& folder);

}  // namespace temperature::upkeep
