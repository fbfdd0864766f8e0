#pragma once

#include <optional>
#include <string>
#include <vector>

#include "answer/answer.h"
#include "base/error.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "window/windows.h"

namespace temperature::pipeline {

// Answers queries from the windows and the history together. Thread-safe; an acknowledged reading is
// in every answer asked for after its acknowledgement.
class ReadPath {
 public:
  ReadPath(const catalogue::Catalogue& catalogue, const window::Windows& windows, const history::History& history);

  // Error room_unknown when no reading of the room was ever seen; history_failed.
  [[nodiscard]] Result<answer::Average> average(const answer::AverageQuery& query) const;

  // One page, in order of (timestamp, sensor). Errors as average().
  [[nodiscard]] Result<answer::ReadingsPage> readings(const answer::ReadingsQuery& query) const;

  // Error parameter_invalid when the cursor is not one of ours.
  [[nodiscard]] Result<answer::RoomsPage> rooms(const answer::RoomsQuery& query) const;
  [[nodiscard]] Result<answer::SensorsPage> sensors(const answer::SensorsQuery& query) const;

 private:
  [[nodiscard]] Result<WindowId> find_window(const std::string& building, const std::string& room,
                                             const std::string& quantity) const;
  [[nodiscard]] std::vector<catalogue::SeriesInfo> series_of(WindowId window,
                                                             const std::optional<std::string>& sensor) const;
  [[nodiscard]] Result<window::Windows::Summarized> summarize_with_history(
      WindowId window, Timestamp after, Timestamp upto, const std::optional<std::string>& sensor) const;
  [[nodiscard]] Result<std::optional<Sample>> latest_at(WindowId window, const std::optional<std::string>& sensor,
                                                        Timestamp at) const;
  [[nodiscard]] answer::QuantityState state_of(WindowId window, const std::optional<catalogue::SeriesInfo>& sensor,
                                               Timestamp at) const;

  const catalogue::Catalogue& catalogue_;
  const window::Windows& windows_;
  const history::History& history_;
};

}  // namespace temperature::pipeline
