#pragma once

#include <span>

#include "base/error.h"
#include "history/rocks_store.h"
#include "history/volume_key.h"
#include "model/ids.h"
#include "model/reading.h"

namespace temperature::history {

// Puts samples in the places of those that stand at their timestamps, if any do: a tombstone for each and the sample
// behind it, in one write for each month. `usual`: in which volumes the series is written where it has none yet. Rising
// timestamps. Errors: history_failed, disk_full; then some months may be written, each whole.
Result<void> replace_samples(RocksStore& store, SeriesId series, std::span<const Sample> samples, Span usual);

}  // namespace temperature::history
