#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "answer/answer.h"
#include "answer/history.h"
#include "base/clock.h"
#include "base/error.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "model/deletion.h"
#include "model/retention.h"
#include "pipeline/room_reader.h"
#include "pipeline/service_state.h"
#include "window/windows.h"

namespace temperature::limits {

// Readings decoded for one page of /v1/history, or what takes as long; a page that needs more ends early.
inline constexpr std::uint64_t kHistoryWorkMax = 20'000'000;

}  // namespace temperature::limits

namespace temperature::pipeline {

// Answers queries from the windows and the history together. Thread-safe; an acknowledged reading is
// in every answer asked for after its acknowledgement. Until the service has recovered every question
// gets the error `recovering`; a service that stops goes on answering. A `limit` of 0 counts as 1.
class ReadPath {
 public:
  ReadPath(const catalogue::Catalogue& catalogue, const window::Windows& windows, const history::HistorySource& history,
           const ServiceState& state, const Retention& retention, const Clock& clock);

  [[nodiscard]] ReadingRules reading_rules() const { return catalogue_.reading_rules(); }

  // What is asked about, as it was sent. By the current rules each name stays where something is known by it, and is
  // normalised (model/name.h) elsewhere. Error parameter_invalid: it is of nothing that is known, and cannot be.
  [[nodiscard]] Result<void> find_names(std::string& building, std::span<std::string> rooms, std::string& quantity,
                                        std::optional<std::string>& sensor) const;
  [[nodiscard]] Result<void> find_names(std::optional<std::string>& building, std::optional<std::string>& room) const;
  [[nodiscard]] Result<void> find_names(Scope& scope) const;

  // Error room_unknown when there is no reading of the room, be it that there never was one; history_failed.
  [[nodiscard]] Result<answer::Average> average(const answer::AverageQuery& query) const;
  // The same without a look at the history, which is quick; nullopt when memory alone does not know.
  [[nodiscard]] Result<std::optional<answer::Average>> average_from_memory(const answer::AverageQuery& query) const;

  // One page, in order of (timestamp, sensor). Errors as average().
  [[nodiscard]] Result<answer::ReadingsPage> readings(const answer::ReadingsQuery& query) const;

  // One page, in order of (start, room). It ends early when its work has reached limits::kHistoryWorkMax.
  // Errors as average(); parameter_invalid when the cursor is of another question, or a stddev needs too many readings.
  [[nodiscard]] Result<answer::HistoryPage> history(const answer::HistoryQuery& query) const;

  // Whether there is a reading of the room.
  [[nodiscard]] bool room_known(std::string_view building, std::string_view room) const;

  // Whether one was ever accepted: what a deletion may name, once more, too.
  [[nodiscard]] bool room_ever_known(std::string_view building, std::string_view room) const;

  // Without what has no readings. Errors: parameter_invalid when the cursor is not one of ours, history_failed. Where
  // RoomsQuery::chooses(), every room is looked at, which takes a while when there are many.
  [[nodiscard]] Result<answer::RoomsPage> rooms(const answer::RoomsQuery& query) const;
  [[nodiscard]] Result<answer::SensorsPage> sensors(const answer::SensorsQuery& query) const;

 private:
  [[nodiscard]] Result<void> may_read() const;
  [[nodiscard]] bool any_building_has(const std::string& room, const std::optional<std::string>& building) const;
  // Whether there is a reading of it that is kept. Looks at the history only where a deletion has just taken the
  // newest.
  [[nodiscard]] bool has_readings(WindowId window) const;
  // Leaves those of a window's series that have readings.
  void keep_those_with_readings(WindowId window, std::vector<catalogue::SeriesInfo>& series) const;
  // The windows of a room that have readings, in order of first sight.
  [[nodiscard]] std::vector<WindowId> windows_of(std::string_view building, std::string_view room) const;
  // As Catalogue::rooms(), of next_rooms(), without what has no readings.
  [[nodiscard]] std::vector<catalogue::Catalogue::Room> rooms_with_readings(const std::optional<std::string>& building,
                                                                            const std::vector<std::string>& visible,
                                                                            std::pair<std::string, std::string> after,
                                                                            std::size_t limit) const;
  // What is known by these names, with or without readings. Without its series, unless it is one; list_series() adds
  // them, as those need who look further than memory.
  [[nodiscard]] RoomSeries find_known(const std::string& building, const std::string& room, const std::string& quantity,
                                      const std::optional<std::string>& sensor) const;
  // The same of what has readings; not `any` where the room has others. Error room_unknown.
  [[nodiscard]] Result<RoomSeries> find_room(const std::string& building, const std::string& room,
                                             const std::string& quantity,
                                             const std::optional<std::string>& sensor) const;
  void list_series(RoomSeries& room) const;
  // That a known room has no readings of the quantity, and of which ones it has; empty when it has.
  [[nodiscard]] std::string lacks(const std::string& building, const std::string& room,
                                  const std::string& quantity) const;
  [[nodiscard]] Result<std::optional<answer::Average>> no_average(const answer::AverageQuery& query) const;
  enum class Depth : std::uint8_t { memory, history };
  // nullopt: only the history knows, and it was not to be looked at.
  [[nodiscard]] Result<std::optional<answer::Average>> average(const answer::AverageQuery& query, Depth depth) const;
  [[nodiscard]] Result<std::optional<window::Windows::Summarized>> summarize(RoomSeries& room, Timestamp after,
                                                                             Timestamp upto, Depth depth) const;
  // The newest reading at or before `at`, if any. nullopt: only the history knows, and it was not to be looked at.
  [[nodiscard]] Result<std::optional<std::optional<Sample>>> latest_at(RoomSeries& room, Timestamp at,
                                                                       Depth depth) const;
  // What memory knows of it; in `later` those series that have sent something after it, and may have something newer in
  // the history.
  [[nodiscard]] std::optional<Sample> latest_in_memory(RoomSeries& room, Timestamp at,
                                                       std::vector<catalogue::SeriesInfo>& later) const;
  [[nodiscard]] Result<answer::QuantityState> state_of(WindowId window,
                                                       const std::optional<catalogue::SeriesInfo>& sensor,
                                                       Timestamp at) const;

  [[nodiscard]] Result<answer::RoomsPage> chosen_rooms(const answer::RoomsQuery& query) const;
  // The newest reading of these that is kept; kTimestampMin when there is none.
  [[nodiscard]] Timestamp newest_of(std::span<const WindowId> windows) const;
  [[nodiscard]] Result<void> list_sensors(const catalogue::Catalogue::Room& room, std::string_view after, Timestamp at,
                                          std::size_t limit, answer::SensorsPage& page) const;

  const catalogue::Catalogue& catalogue_;
  const window::Windows& windows_;
  const history::HistorySource& history_;
  const ServiceState& state_;
  const Retention& retention_;
  const Clock& clock_;
};

}  // namespace temperature::pipeline
