#pragma once

#include <chrono>

#include "base/error.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "journal/journal.h"
#include "pipeline/applier.h"
#include "window/windows.h"

namespace temperature::limits {

// Hours of silence before the start after which a room's window begins empty; the history answers for it.
inline constexpr Duration kRecoveredActivity = std::chrono::hours(1);

}  // namespace temperature::limits

namespace temperature::pipeline {

// Brings the service back to where it was: names and newest readings from the history, the windows
// of rooms that were active within limits::kRecoveredActivity before `now` filled from it, then the
// journal from the history's safe position on, through the applier that serves afterwards.
// Errors: journal_damaged, history_failed.
Result<journal::Recovery> recover(catalogue::Catalogue& catalogue, window::Windows& windows, history::History& history,
                                  journal::Journal& journal, Applier& applier, Duration window_span, Timestamp now);

}  // namespace temperature::pipeline
