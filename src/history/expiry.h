#pragma once

#include <atomic>
#include <functional>

#include "base/error.h"
#include "base/time.h"
#include "history/rocks_store.h"

namespace temperature::history {

// What is to be forgotten: volumes that end after `after` and at or before `upto`, and before their series'
// `keep_from`.
struct Expiry {
  Timestamp after;
  Timestamp upto;
  const std::function<Timestamp(SeriesId)>& keep_from;
};

// Deletes them, and gives the space back. Ends early, with success, once `may_go_on` is false.
Result<void> expire_volumes(const RocksStore& store, Span span, const Expiry& expiry,
                            const std::atomic<bool>& may_go_on);

}  // namespace temperature::history
