#pragma once

#include <optional>
#include <string>
#include <vector>

#include "answer/answer.h"
#include "base/clock.h"
#include "base/error.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "model/retention.h"
#include "pipeline/service_state.h"
#include "window/windows.h"

namespace temperature::pipeline {

// Answers queries from the windows and the history together. Thread-safe; an acknowledged reading is
// in every answer asked for after its acknowledgement. Until the service has recovered every question
// gets the error `recovering`; a service that stops goes on answering. A `limit` of 0 counts as 1.
class ReadPath {
 public:
  ReadPath(const catalogue::Catalogue& catalogue, const window::Windows& windows, const history::History& history,
           const ServiceState& state, const Retention& retention, const Clock& clock);

  // Error room_unknown when no reading of the room was ever seen; history_failed.
  [[nodiscard]] Result<answer::Average> average(const answer::AverageQuery& query) const;

  // One page, in order of (timestamp, sensor). Errors as average().
  [[nodiscard]] Result<answer::ReadingsPage> readings(const answer::ReadingsQuery& query) const;

  // Errors: parameter_invalid when the cursor is not one of ours, history_failed.
  [[nodiscard]] Result<answer::RoomsPage> rooms(const answer::RoomsQuery& query) const;
  [[nodiscard]] Result<answer::SensorsPage> sensors(const answer::SensorsQuery& query) const;

 private:
  [[nodiscard]] Result<void> may_read() const;
  [[nodiscard]] Result<WindowId> find_window(const std::string& building, const std::string& room,
                                             const std::string& quantity) const;
  // The first moment of which readings are shown; kTimestampMin when all are.
  [[nodiscard]] Timestamp keep_from(WindowId window) const;
  [[nodiscard]] std::vector<catalogue::SeriesInfo> series_of(WindowId window,
                                                             const std::optional<std::string>& sensor) const;
  [[nodiscard]] Result<window::Windows::Summarized> summarize(WindowId window, Timestamp after, Timestamp upto,
                                                              const std::optional<std::string>& sensor,
                                                              std::optional<Slot> slot) const;
  [[nodiscard]] Result<window::Windows::Summarized> summarize_with_history(
      WindowId window, Timestamp after, Timestamp upto, const std::optional<std::string>& sensor) const;
  [[nodiscard]] Result<std::optional<Sample>> latest_at(WindowId window, const std::optional<std::string>& sensor,
                                                        Timestamp at) const;
  [[nodiscard]] Result<answer::QuantityState> state_of(WindowId window,
                                                       const std::optional<catalogue::SeriesInfo>& sensor,
                                                       Timestamp at) const;

  [[nodiscard]] Result<void> list_sensors(const catalogue::Catalogue::Room& room, std::string_view after, Timestamp at,
                                          std::size_t limit, answer::SensorsPage& page) const;

  const catalogue::Catalogue& catalogue_;
  const window::Windows& windows_;
  const history::History& history_;
  const ServiceState& state_;
  const Retention& retention_;
  const Clock& clock_;
};

}  // namespace temperature::pipeline
