#pragma once

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "pipeline/disk_watch.h"

namespace temperature::app {

// The disk on which a folder lies. What is reserved for root does not count as free.
class StatvfsProbe final : public pipeline::DiskProbe {
 public:
  // The folder is that which has the name now.
  explicit StatvfsProbe(std::filesystem::path folder) : folder_(std::move(folder)), at_first_(identity()) {}

  [[nodiscard]] std::optional<std::uint64_t> free() const override {
    struct statvfs disk{};
    if (::statvfs(folder_.c_str(), &disk) != 0) return std::nullopt;
    return std::uint64_t{disk.f_bavail} * disk.f_frsize;
  }

  [[nodiscard]] bool in_place() const override { return identity() == at_first_; }

 private:
  // Device and inode; nullopt: there is no such folder.
  [[nodiscard]] std::optional<std::pair<dev_t, ino_t>> identity() const {
    struct stat status{};
    if (::stat(folder_.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return std::nullopt;
    return std::pair(status.st_dev, status.st_ino);
  }

  std::filesystem::path folder_;
  std::optional<std::pair<dev_t, ino_t>> at_first_;
};

}  // namespace temperature::app
