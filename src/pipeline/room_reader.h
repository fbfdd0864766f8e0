#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "model/ids.h"
#include "summary/steps.h"
#include "summary/summary.h"
#include "window/windows.h"

namespace temperature::limits {

// Readings of one bucket whose standard deviation is asked for; a question with more is refused (parameter_invalid).
inline constexpr std::uint64_t kDeviationReadingsMax = 200'000'000;
// Readings read at once, of one series or for a piece of a stream; it goes on with the next ones.
inline constexpr std::size_t kReadAtOnce = 131'072;

}  // namespace temperature::limits

namespace temperature::pipeline {

// What a question is about: a room's series of one quantity.
struct RoomSeries {
  bool any = false;  // something of it was seen once; else there is neither window nor series
  WindowId window;
  Timestamp keep_from = kTimestampMin;  // what is older is not seen
  std::optional<Slot> slot;             // when it is about one sensor
  std::vector<catalogue::SeriesInfo> series;
};

// Reads rooms from the windows and the history together, for one question. From the floor on a window answers alone.
// Below it, what memory still holds and what the history holds are one set: a reading in both counts once. The history
// is looked at after memory: what has left memory in between is there.
// One thread's. Errors: history_failed.
class RoomReader {
 public:
  RoomReader(const window::Windows& windows, const history::HistorySource& history)
      : windows_(windows), history_(history) {}

  // Adds the readings within `steps` to their stretches' summaries, which are empty yet and as many as the stretches.
  // `seen`, if given, is marked by slot for who has one; `steps` is one stretch then.
  Result<void> fold(const RoomSeries& room, const summary::Steps& steps, std::span<summary::Summary> summaries,
                    std::vector<bool>* seen = nullptr);

  // The same, and the standard deviation of each stretch, for which every reading is looked at.
  // Error parameter_invalid: a stretch has more than limits::kDeviationReadingsMax readings.
  Result<void> fold_with_deviations(const RoomSeries& room, const summary::Steps& steps,
                                    std::span<summary::Summary> summaries, std::span<double> deviations);

  // The earliest reading with from <= timestamp < to.
  Result<std::optional<Timestamp>> earliest(const RoomSeries& room, Timestamp from, Timestamp to);

  // The history's work for all of this, see HistoryView, and the readings looked at for deviations.
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  // Calls `fold` with the part of `steps` that room.keep_from cuts, and with those behind it.
  template <class Fold>
  static Result<void> without_old(const RoomSeries& room, const summary::Steps& steps, Fold fold);
  Result<void> fold_kept(const RoomSeries& room, const summary::Steps& steps, std::span<summary::Summary> summaries,
                         std::vector<bool>* seen);
  Result<void> fold_kept_with_deviations(const RoomSeries& room, const summary::Steps& steps,
                                         std::span<summary::Summary> summaries, std::span<double> deviations);
  // Of samples below the floor those that are in the history too go, and those of sensors newer than the question.
  static Result<void> drop_stored(history::HistoryView& view, const RoomSeries& room, Timestamp floor,
                                  std::vector<window::SlotSample>& samples);
  Result<void> fold_stored(history::HistoryView& view, const RoomSeries& room, std::span<summary::Summary> summaries,
                           std::vector<bool>* seen);

  const window::Windows& windows_;
  const history::HistorySource& history_;
  std::uint64_t work_ = 0;

  // Scratch.
  std::vector<window::SlotSample> kept_;
  std::vector<Sample> stored_;
  struct Part {
    std::size_t first;  // stretch
    summary::Steps steps;
  };
  std::vector<Part> parts_;  // that reach below the floor
};

}  // namespace temperature::pipeline
