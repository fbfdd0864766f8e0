#pragma once

#include <cstdint>

#include "base/time.h"
#include "mirror/schema.h"
#include "model/retention.h"
#include "postgres/connection.h"
#include "postgres/failure.h"

namespace temperature::limits {

// Series whose old readings one statement deletes from the database, of at most an hour each.
inline constexpr int kExpiredSeriesAtOnce = 100;
// Statements with which one round of the database's expiry deletes; the rest is the next round's.
inline constexpr int kExpiryStatements = 2'000;

}  // namespace temperature::limits

namespace temperature::mirror {

struct Expired {
  std::uint64_t readings = 0;  // deleted
  std::uint64_t chunks = 0;    // dropped
  bool more = false;           // it ended at its bound
};

// Removes from the database what the retention says at `now`, as far as the database does not do it by itself: with
// hypertables, whole chunks beyond the longest retention (its own policy does that under the community licence), and
// readings of quantities that are kept for less; in an ordinary table, all that is too old. In slices, each a
// transaction, so that nobody waits long for one. To be called once an hour, outside a transaction.
postgres::Outcome<Expired> drop_expired(postgres::Connection& connection, const Layout& layout,
                                        const Retention& retention, Timestamp now,
                                        int statements_max = limits::kExpiryStatements);

}  // namespace temperature::mirror
