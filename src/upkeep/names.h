#pragma once

#include "base/error.h"
#include "model/twins.h"
#include "upkeep/verify.h"

namespace temperature::upkeep {

// The names of a data folder that is not in use: of its series, its registered sensors, and what its keys are for.
// Error startup: something is damaged, so that some may be missing.
Result<NameCheck> read_names(const Folders& folders);

}  // namespace temperature::upkeep
