#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/data_directory.h"
#include "base/error.h"
#include "model/ids.h"
#include "upkeep/folder_state.h"

namespace temperature::app {

// How a data folder was left the last time, against how it is found; and how it is left this time (STATE,
// upkeep/folder_state.h). One thread at a time.
class FolderMark {
 public:
  // `admin_key`: whether this start lets in whoever has the folder's admin.key.
  FolderMark(const DataDirectory& directory, bool admin_key) : directory_(directory), admin_key_(admin_key) {}

  // Error startup: a file is not what it was when the folder was left, by name.
  Result<void> check();
  // Before the first write: what was noted holds no longer.
  Result<void> begin();
  // What was opened. Error startup: it ends before what was there when the folder was left.
  [[nodiscard]] Result<void> check_positions(Position history, Position journal) const;

  // While it is in use; and when nobody writes to it any more. Errors: startup, disk_full; then nothing is noted.
  Result<void> note_serving(Position history, Position journal);
  Result<void> note_stopped(Position history, Position journal);
  // After a start that failed, and when nobody writes to it any more: what was known of it still is.
  Result<void> note_unchanged();

  // Whether the last use ended in order. A new folder had none.
  [[nodiscard]] bool was_stopped() const { return left_ && left_->moment == upkeep::FolderState::Moment::stopped; }

 private:
  Result<void> note(upkeep::FolderState::Moment moment, Position history, Position journal);

  const DataDirectory& directory_;
  const bool admin_key_;
  std::optional<upkeep::FolderState> left_;
  bool begun_ = false;
};

// Every difference, for who looks at a folder and does not use it. Error startup: what was noted is damaged itself.
Result<std::vector<std::string>> differences(const DataDirectory& directory);

}  // namespace temperature::app
