#include "upkeep/backup.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/transaction_log.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <tuple>

#include "base/crash_file.h"
#include "base/descriptor.h"
#include "upkeep/files.h"
#include "upkeep/folder_state.h"

namespace temperature::upkeep {
namespace {

namespace fs = std::filesystem;

// Logs are copied as they are. To flush them first would let a full disk or a slow one get at the journal.
constexpr std::uint64_t kNeverFlush = UINT64_MAX;

std::unexpected<Error> invalid(const fs::path& folder, std::string_view why) {
  return failure(ErrorCode::directory_invalid, fmt::format("no backup can be made in {}: {}", folder.string(), why));
}

std::unexpected<Error> failed(const fs::path& folder, std::string_view why) {
  return failure(why.find("No space left") != std::string_view::npos ? ErrorCode::disk_full : ErrorCode::internal,
                 fmt::format("the backup in {} failed: {}", folder.string(), why));
}

fs::path partial_of(const fs::path& folder) {
  return folder.string() + ".partial";
}

bool has_log(const fs::path& folder) {
  std::error_code none;
  const fs::directory_iterator files(folder, none);
  return std::ranges::any_of(files, [](const fs::directory_entry& file) { return file.path().extension() == ".log"; });
}

Result<void> copy_store(const BackupSource::Store& store, const fs::path& partial) {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(store.db, &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  std::error_code error;  // a failure is the checkpoint's, right below
  fs::create_directories((partial / store.folder).parent_path(), error);
  const fs::path copy = partial / store.folder;
  if (status.ok()) status = checkpoint->CreateCheckpoint(copy.string(), kNeverFlush);
  if (!status.ok()) return failed(partial, status.ToString());
  for (fs::path folder = copy; folder != partial; folder = folder.parent_path()) {
    fs::permissions(folder, fs::perms::owner_all, error);  // as it is in the data folder
    if (error) return failed(partial, error.message());
  }
  // A log with nothing in it is left out, but a store without a log has lost one, says who opens it.
  if (has_log(copy)) return {};
  std::unique_ptr<rocksdb::LogFile> current;
  if (status = store.db->GetCurrentWalFile(&current); !status.ok()) return failed(partial, status.ToString());
  return write_file(copy / fs::path(current->PathName()).filename(), {});
}

// What lies beside the stores: FORMAT, keys, logs of changes.
Result<void> copy_files(const BackupSource& source, const fs::path& partial) {
  std::error_code error;
  fs::recursive_directory_iterator entry(source.data_dir, error);
  for (; entry != fs::recursive_directory_iterator() && !error; entry.increment(error)) {
    const fs::path name = entry->path().lexically_relative(source.data_dir);
    if (entry->is_directory()) {
      if (std::ranges::find(source.stores, name, &BackupSource::Store::folder) != source.stores.end()) {
        entry.disable_recursion_pending();
      } else if (fs::exists(entry->path() / "CURRENT")) {
        return failed(partial, fmt::format("nobody copied {}", name.string()));
      } else {
        fs::create_directory(partial / name, entry->path(), error);  // with its permissions
      }
    } else if (entry->is_regular_file() && name != "LOCK" && name != kStateFile && name.extension() != ".new" &&
               !name.string().starts_with(kCrashFile)) {
      if (auto copied = copy_file(entry->path(), partial / name, [](std::uint64_t) {}); !copied) return copied;
    }
    if (error) break;
  }
  if (error) return failed(partial, error.message());
  return {};
}

// A backup has a state of its own: nobody writes to it any more. Its admin.key may be taken out of it.
Result<void> note_state(const BackupSource& source, const fs::path& partial, const BackupStamp& stamp) {
  std::vector<std::string> stores;
  for (const BackupSource::Store& store : source.stores) stores.push_back(store.folder.string());
  auto state = take_state(partial, FolderState::Moment::stopped, stores, {});
  if (!state) return std::unexpected(std::move(state.error()));
  state->history = stamp.history;
  state->journal = stamp.journal;
  return write_state(partial, *state);
}

Result<BackupStamp> fill(const BackupSource& source, const fs::path& partial, Timestamp now) {
  BackupStamp stamp;
  stamp.taken = now;
  {
    const auto hold = source.hold_journal();
    std::tie(stamp.history, stamp.journal) = source.positions();
    for (const BackupSource::Store& store : source.stores) {
      if (auto copied = copy_store(store, partial); !copied) return std::unexpected(std::move(copied.error()));
    }
  }
  if (auto copied = copy_files(source, partial); !copied) return std::unexpected(std::move(copied.error()));
  if (auto noted = note_state(source, partial, stamp); !noted) return std::unexpected(std::move(noted.error()));
  stamp.bytes = bytes_in(partial);
  if (auto written = write_file(partial / kBackupFile, encode_stamp(stamp)); !written) {
    return std::unexpected(std::move(written.error()));
  }
  if (const auto error = sync_folder(partial)) return failed(partial, error.message());
  return stamp;
}

}  // namespace

Result<void> check_backup_folder(const fs::path& data_dir, const fs::path& folder) {
  if (!folder.is_absolute()) return invalid(folder, "it must be an absolute path on the service's machine");
  if (!folder.has_filename()) return invalid(folder, "its path must not end in a slash");
  std::error_code error;
  if (!fs::is_directory(folder.parent_path(), error)) {
    return invalid(folder, fmt::format("the folder above is not there; make {} first, where the service may write",
                                       folder.parent_path().string()));
  }
  if (fs::is_symlink(folder, error)) return invalid(folder, "it is a symbolic link; name the folder that it leads to");
  if (lies_in(folder, data_dir)) return invalid(folder, "it lies in the data folder");
  if (const auto around = store_around(folder); !around.empty()) {
    return invalid(folder, fmt::format("it lies in {}, which is a data folder or a backup itself", around.string()));
  }
  if (!is_empty_folder(folder)) return invalid(folder, "it is not empty");
  if (fs::exists(partial_of(folder), error)) {
    return invalid(
        folder, fmt::format("{} is there, of a backup that was interrupted; remove it", partial_of(folder).string()));
  }
  return {};
}

Result<BackupStamp> make_backup(const BackupSource& source, const fs::path& folder, Timestamp now) {
  if (auto checked = check_backup_folder(source.data_dir, folder); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  const fs::path partial = partial_of(folder);
  std::error_code error;
  fs::create_directory(partial, error);
  if (error) return invalid(folder, error.message());
  fs::permissions(partial, fs::perms::owner_all, error);  // there may be keys in it
  auto stamp = fill(source, partial, now);
  if (stamp && std::rename(partial.c_str(), folder.c_str()) != 0) {
    stamp = failed(folder, std::error_code(errno, std::system_category()).message());
  }
  if (!stamp) {
    fs::remove_all(partial, error);
    return stamp;
  }
  if (const auto unsynced = sync_folder(folder.parent_path())) return failed(folder, unsynced.message());
  return stamp;
}

std::string encode_stamp(const BackupStamp& stamp) {
  return fmt::format("temperature-service backup 1\ntaken {}\nhistory_position {}\njournal_position {}\nbytes {}\n",
                     format_timestamp(stamp.taken), stamp.history.value(), stamp.journal.value(), stamp.bytes);
}

Result<BackupStamp> read_stamp(const fs::path& folder) {
  std::ifstream in(folder / kBackupFile);
  std::string program;
  std::string what;
  std::string taken;
  std::string word;
  int version = 0;
  std::uint64_t history = 0;
  std::uint64_t journal = 0;
  BackupStamp stamp;
  in >> program >> what >> version >> word >> taken >> word >> history >> word >> journal >> word >> stamp.bytes;
  const auto moment = parse_rfc3339(taken);
  if (!in || program != "temperature-service" || what != "backup" || version != 1 || !moment) {
    return failure(ErrorCode::startup, fmt::format("{} is no whole backup: its file {} is missing or is another's",
                                                   folder.string(), kBackupFile));
  }
  stamp.taken = *moment;
  stamp.history = Position(history);
  stamp.journal = Position(journal);
  return stamp;
}

}  // namespace temperature::upkeep
