#pragma once

#include <sys/statvfs.h>

#include <filesystem>
#include <utility>

#include "pipeline/disk_watch.h"

namespace temperature::app {

// The disk on which a folder lies. What is reserved for root does not count as free.
class StatvfsProbe final : public pipeline::DiskProbe {
 public:
  explicit StatvfsProbe(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] std::optional<std::uint64_t> free() const override {
    struct statvfs disk{};
    if (::statvfs(folder_.c_str(), &disk) != 0) return std::nullopt;
    return std::uint64_t{disk.f_bavail} * disk.f_frsize;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace temperature::app
