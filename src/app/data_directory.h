#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "model/reading_rules.h"

namespace temperature::app {

// The folder that keeps everything: its format's version, and two locks so that one process has it. The one on the file
// LOCK keeps older programs out; the one on the folder itself holds when LOCK is removed.
class DataDirectory {
 public:
  // 1: the history had blocks where it has volumes now. 2: what senders write is read by the former rules.
  static constexpr int kFormatFormer = 2;
  static constexpr int kFormat = 3;
  // A folder of format 2 or 3 whose journal has a judgement, a deletion for one, is of format 4 or 5.
  static constexpr int kJudgementsMore = 2;
  static constexpr int kFormatNewest = kFormat + kJudgementsMore;

  // Makes the folder if it is not there: then it is of format 3. One of format 1 is of format 2 from then on.
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
  [[nodiscard]] ReadingRules reading_rules() const {
    return format_ == kFormatFormer || format_ == kFormatFormer + kJudgementsMore ? ReadingRules::former
                                                                                  : ReadingRules::current;
  }
  // Has the folder read by the current rules for good, durably: an older program refuses it from then on. Error
  // startup: it cannot be written; then it is as it was.
  Result<void> switch_to_current_rules();
  // Before its first judgement is journalled: an older program refuses it from then on, durably. Errors as above. One
  // thread at a time.
  Result<void> admit_judgements();

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
  int format_ = kFormat;
  std::string more_;  // the lines of FORMAT behind the first: they stay
};

}  // namespace temperature::app
