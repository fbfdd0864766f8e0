#pragma once

#include <atomic>
#include <functional>

#include "base/error.h"
#include "base/time.h"
#include "history/history.h"
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

// Adds what expire_volumes() would delete, and all that lies before expiry.upto; expiry.after is not looked at. What
// cannot be read is passed over with all that follows; then false.
Result<bool> weigh_old_volumes(const RocksStore& store, Span span, const Expiry& expiry, Weight& weight,
                               const std::atomic<bool>& may_go_on);
// Adds what lies from `upto` on to weight.all, until that is a hundred times weight.readings.
Result<bool> weigh_other_volumes(const RocksStore& store, Span span, Timestamp upto, Weight& weight,
                                 const std::atomic<bool>& may_go_on);

}  // namespace temperature::history
