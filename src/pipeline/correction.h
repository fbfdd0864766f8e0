#pragma once

#include <span>
#include <vector>

#include "model/reading.h"
#include "pipeline/pending_deletions.h"
#include "window/windows.h"

namespace temperature::pipeline {

// What a correction changes, decided before anything is changed. In order of series and time, each place once.
struct CorrectionPlan {
  std::vector<PendingDeletion::Corrected> replaced;  // another value stands there
  std::vector<PendingDeletion::Corrected> added;     // nothing does
};

// Decides for each row in turn: fresh, duplicate or replaced, and counts them; of several rows for one place the last
// one stays. `stored`: what stands at each row's place; where that is not known the rows of the place are undecided,
// and change nothing. Notes as not taken which rows do not stand there afterwards, or did before.
CorrectionPlan plan_correction(const ReadingColumns& rows, std::span<const window::Archive::Stored> stored,
                               window::Applied& applied);

// Changes the windows as planned, for the correction of this position.
void correct_windows(window::Windows& windows, std::span<const PendingDeletion::Corrected> replaced,
                     std::span<const PendingDeletion::Corrected> added, Position position);

}  // namespace temperature::pipeline
