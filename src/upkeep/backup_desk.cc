#include "upkeep/backup_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/thread.h"
#include "upkeep/files.h"

namespace temperature::upkeep {

BackupDesk::BackupDesk(std::filesystem::path data_dir, Make make)
    : data_dir_(std::move(data_dir)), make_(std::move(make)) {}

BackupDesk::~BackupDesk() {
  if (thread_.joinable()) thread_.join();
}

Result<void> BackupDesk::begin(const std::filesystem::path& folder) {
  if (auto checked = check_backup_folder(data_dir_, folder); !checked) return checked;
  const std::lock_guard lock(mutex_);
  if (status_.state == State::running) {
    return failure(ErrorCode::backup_running,
                   fmt::format("a backup is being made in {}; one at a time", status_.folder.string()));
  }
  if (thread_.joinable()) thread_.join();  // has ended
  status_ = Status();
  status_.state = State::running;
  status_.folder = folder;
  status_.bytes_total = bytes_in(data_dir_);
  try {
    thread_ = std::thread([this, folder] { make(folder); });
  } catch (const std::system_error& error) {
    status_ = Status();
    return failure(ErrorCode::overloaded, fmt::format("no backup can be begun now: {}", error.what()));
  }
  return {};
}

void BackupDesk::make(const std::filesystem::path& folder) {
  name_thread("backup");
  auto made = make_(folder);
  const std::lock_guard ended(mutex_);
  status_.state = made ? State::done : State::failed;
  if (made) {
    status_.stamp = *made;
    last_success_ = made->taken;
    status_.bytes = status_.bytes_total = made->bytes;
  } else {
    status_.error = std::move(made.error());
  }
}

BackupDesk::Status BackupDesk::status() const {
  std::unique_lock lock(mutex_);
  Status status = status_;
  lock.unlock();
  if (status.state == State::running) {
    status.bytes = std::min(bytes_in(status.folder.string() + ".partial"), status.bytes_total);
  }
  return status;
}

std::optional<Timestamp> BackupDesk::last_success() const {
  const std::lock_guard lock(mutex_);
  return last_success_;
}

}  // namespace temperature::upkeep
