#pragma once

#include <filesystem>
#include <optional>

#include "base/error.h"
#include "model/journal_id.h"
#include "model/reading_rules.h"
#include "upkeep/format_file.h"

namespace temperature::app {

// The folder that keeps everything: its format's version, and two locks so that one process has it. The one on the file
// LOCK keeps older programs out; the one on the folder itself holds when LOCK is removed.
class DataDirectory {
 public:
  // Makes the folder if it is not there: then it is of the current format. One of format 1 is of format 2 from then on,
  // and one whose journal has no id yet gets one; older programs pass that over.
  // Error startup: in use by another process, of a newer format or of another than when it was left, no access.
  static Result<DataDirectory> open(const std::filesystem::path& path);
  // Neither makes nor changes anything. Errors as open(); also when there is no data.
  static Result<DataDirectory> open_as_it_is(const std::filesystem::path& path);
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  // By which rules names, units and the sensors of line protocol are read.
  [[nodiscard]] ReadingRules reading_rules() const { return upkeep::reading_rules_of(format_.version); }
  // Has the folder read by the current rules for good, durably: an older program refuses it from then on. Error
  // startup: it cannot be written; then it is as it was.
  Result<void> switch_to_current_rules();
  // Before its first judgement is journalled: an older program refuses it from then on, durably. Errors as above. One
  // thread at a time.
  Result<void> admit_judgements();

  // Which journal is in it. None of a folder that was opened as it is and that no program has given one.
  [[nodiscard]] JournalId journal_id() const { return format_.journal; }
  // Of which one it was made, if it was restored or forked.
  [[nodiscard]] const std::optional<upkeep::FormatFile::Fork>& forked_from() const { return format_.forked_from; }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path journal() const { return path_ / "journal"; }
  [[nodiscard]] std::filesystem::path history() const { return path_ / "history"; }
  [[nodiscard]] std::filesystem::path access() const { return path_ / "access"; }
  [[nodiscard]] std::filesystem::path registry() const { return access() / "registry"; }
  [[nodiscard]] std::filesystem::path audit_log() const { return access() / "audit.jsonl"; }
  [[nodiscard]] std::filesystem::path admin_key() const { return path_ / "admin.key"; }

 private:
  Result<void> raise(int format);
  static Result<DataDirectory> locked(const std::filesystem::path& path, int flags, int how);
  explicit DataDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  int lock_ = -1;         // of the file LOCK; -1: there is none
  int folder_lock_ = -1;  // of the folder
  upkeep::FormatFile format_;
};

}  // namespace temperature::app
