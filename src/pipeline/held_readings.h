#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "model/retention.h"
#include "window/windows.h"

namespace temperature::pipeline {

// The readings of one room's quantity that are held when this is made, from memory and the history together, series by
// series and without a bound on how many. Everything that was applied before is among them; what is applied later may
// be. Readings that are too old to be shown (Retention) are not. One thread's. Errors: history_failed.
class HeldReadings {
 public:
  // Those with from <= timestamp < to. All outlive it.
  HeldReadings(const catalogue::Catalogue& catalogue, const window::Windows& windows,
               const history::HistorySource& history, const Retention& retention, const Clock& clock, WindowId window,
               Timestamp from, Timestamp to);

  // Appends those of a series of the window with from <= timestamp < to, in order of time, each once, at most `limit`
  // (1 or more). Returns before which moment these are all of them: `to`, or behind the last one.
  Result<Timestamp> read(const catalogue::SeriesInfo& series, Timestamp from, Timestamp to, std::size_t limit,
                         std::vector<Sample>& out);

 private:
  Timestamp from_;  // what is older is not shown
  Timestamp floor_;
  std::vector<window::SlotSample> kept_;  // in order of slot and time
  std::unique_ptr<history::HistoryView> view_;
  std::vector<Sample> stored_;  // scratch
};

}  // namespace temperature::pipeline
