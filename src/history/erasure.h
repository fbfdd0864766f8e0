#pragma once

#include <optional>

#include "base/error.h"
#include "history/history.h"
#include "history/rocks_store.h"
#include "history/tombstone.h"
#include "model/ids.h"

namespace temperature::history {

// Writes tombstones into all volumes of the series that reach into the stretch; those that lie within it go whole. The
// extent shrinks in the same write, which has the tally, too (History::erase()). Errors: history_failed, disk_full;
// nothing was written then.
Result<Erased> erase_samples(const RocksStore& store, SeriesId series, const Tombstone& tombstone, Tally* tally);

// The extent as it is stored; nullopt: nothing is.
Result<std::optional<SeriesExtent>> extent_of(const RocksStore& store, SeriesId series);

}  // namespace temperature::history
