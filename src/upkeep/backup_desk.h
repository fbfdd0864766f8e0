#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/time.h"
#include "upkeep/backup.h"

namespace temperature::upkeep {

// Takes orders for backups and makes them on a thread of its own, one at a time. Thread-safe.
class BackupDesk {
 public:
  using Make = std::function<Result<BackupStamp>(const std::filesystem::path& folder)>;
  BackupDesk(std::filesystem::path data_dir, Make make);
  ~BackupDesk();  // waits for the one that is being made
  BackupDesk(const BackupDesk&) = delete;
  BackupDesk& operator=(const BackupDesk&) = delete;

  enum class State : std::uint8_t { none, running, done, failed };
  // The latest backup since the start of the process.
  struct Status {
    State state = State::none;
    std::filesystem::path folder;
    std::uint64_t bytes = 0;        // so far
    std::uint64_t bytes_total = 0;  // about so many in the end
    BackupStamp stamp;              // when done
    std::optional<Error> error;     // when failed
  };

  // Begins one. Errors: directory_invalid, backup_running.
  Result<void> begin(const std::filesystem::path& folder);
  [[nodiscard]] Status status() const;
  // When the newest backup that was made since the start of the process was taken. Looks at no file.
  [[nodiscard]] std::optional<Timestamp> last_success() const;

 private:
  void make(const std::filesystem::path& folder);

  const std::filesystem::path data_dir_;
  const Make make_;
  mutable std::mutex mutex_;
  Status status_;
  std::optional<Timestamp> last_success_;
  std::thread thread_;
};

}  // namespace temperature::upkeep
