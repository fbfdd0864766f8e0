#include "app/folder_mark.h"

#include <fmt/format.h>

namespace temperature::app {
namespace {

constexpr const char* kAdminKey = "admin.key";

std::unexpected<Error> refused(const DataDirectory& directory, std::string_view why) {
  return failure(ErrorCode::startup,
                 fmt::format("cannot use the folder {}: {}; restore a backup, or see \"Damage\" in docs/operating.md",
                             directory.path().string(), why));
}

std::vector<std::string> stores_of(const DataDirectory& directory) {
  std::vector<std::string> stores;
  for (const auto& folder : {directory.journal(), directory.history(), directory.registry()}) {
    stores.push_back(folder.lexically_relative(directory.path()).string());
  }
  return stores;
}

}  // namespace

Result<void> FolderMark::check() {
  auto left = upkeep::read_state(directory_.path());
  if (!left) return std::unexpected(std::move(left.error()));
  if (*left && !upkeep::is_of_another_use(directory_.path(), **left)) left_ = std::move(*left);
  if (!left_) return {};
  if (!admin_key_) {
    std::erase_if(left_->files, [](const upkeep::FolderState::File& file) { return file.name == kAdminKey; });
  }
  const auto found = upkeep::differences(directory_.path(), *left_);
  return found.empty() ? Result<void>() : refused(directory_, found.front());
}

Result<void> FolderMark::begin() {
  begun_ = true;
  return upkeep::remove_state(directory_.path());
}

Result<void> FolderMark::check_positions(Position history, Position journal) const {
  if (!left_) return {};
  if (history < left_->history) {
    return refused(directory_, fmt::format("{} ends at the journal's record {}, but held everything up to {}",
                                           directory_.history().string(), history.value(), left_->history.value()));
  }
  if (journal < left_->journal) {
    return refused(directory_, fmt::format("{} ends at record {}, but had records up to {}",
                                           directory_.journal().string(), journal.value(), left_->journal.value()));
  }
  return {};
}

Result<void> FolderMark::note(upkeep::FolderState::Moment moment, Position history, Position journal) {
  std::vector<std::string> more;
  std::error_code none;
  if (admin_key_ && std::filesystem::exists(directory_.admin_key(), none)) more.emplace_back(kAdminKey);
  auto state = upkeep::take_state(directory_.path(), moment, stores_of(directory_), more);
  if (!state) return std::unexpected(std::move(state.error()));
  state->history = history;
  state->journal = journal;
  return upkeep::write_state(directory_.path(), *state);
}

Result<void> FolderMark::note_serving(Position history, Position journal) {
  return note(upkeep::FolderState::Moment::serving, history, journal);
}

Result<void> FolderMark::note_stopped(Position history, Position journal) {
  return note(upkeep::FolderState::Moment::stopped, history, journal);
}

Result<void> FolderMark::note_unchanged() {
  if (!begun_ || !left_) return {};
  return note(left_->moment, left_->history, left_->journal);
}

Result<std::vector<std::string>> differences(const DataDirectory& directory) {
  const auto left = upkeep::read_state(directory.path());
  if (!left) return std::unexpected(left.error());
  return *left ? upkeep::differences(directory.path(), **left) : std::vector<std::string>();
}

}  // namespace temperature::app
