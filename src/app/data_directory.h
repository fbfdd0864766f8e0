#pragma once

#include <filesystem>

#include "base/error.h"

namespace temperature::app {

// The folder that keeps everything: its format's version, and a lock so that one process has it.
class DataDirectory {
 public:
  static constexpr int kFormat = 2;  // 1: the history had blocks where it has volumes now

  // Makes the folder if it is not there; from then on it is of this format.
  // Error startup: in use by another process, of a newer format, no access.
  static Result<DataDirectory> open(const std::filesystem::path& path);
  // Neither makes nor changes anything. Errors as open(); also when there is no data.
  static Result<DataDirectory> open_as_it_is(const std::filesystem::path& path);
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path journal() const { return path_ / "journal"; }
  [[nodiscard]] std::filesystem::path history() const { return path_ / "history"; }
  [[nodiscard]] std::filesystem::path access() const { return path_ / "access"; }
  [[nodiscard]] std::filesystem::path registry() const { return access() / "registry"; }
  [[nodiscard]] std::filesystem::path audit_log() const { return access() / "audit.jsonl"; }
  [[nodiscard]] std::filesystem::path admin_key() const { return path_ / "admin.key"; }

 private:
  static Result<DataDirectory> locked(const std::filesystem::path& path, int flags);
  DataDirectory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;
};

}  // namespace temperature::app
