#pragma once

#include <cstddef>
#include <optional>

#include "history/history.h"
#include "mirror/target.h"
#include "model/ids.h"
#include "model/journal_id.h"
#include "postgres/connection.h"
#include "postgres/failure.h"

namespace temperature::limits {

// Entries of the audit that are written to the database in one transaction.
inline constexpr std::size_t kMirrorAuditEntries = 1'000;

}  // namespace temperature::limits

namespace temperature::mirror {

// Keeps the database's copy of the audit: entries are added, never changed or removed, so that what another journal of
// the same readings did stays there, too. Whoever has the fence writes them. One thread at a time.
class AuditTable {
 public:
  // The history outlives it. `journal`: whose positions the history's newest entries have.
  AuditTable(const history::History& history, JournalId journal) : history_(history), journal_(journal) {}

  // Another connection, perhaps another database: what it has is asked for again.
  void forget() { upto_.reset(); }
  [[nodiscard]] bool due() const { return history_.audit_head().position > upto_.value_or(Position()); }
  // Brings up to limits::kMirrorAuditEntries more. False: the fence is not `fence` any more, and nothing was done.
  postgres::Outcome<bool> bring_up(postgres::Connection& connection, const Fence& fence);

 private:
  postgres::Outcome<Position> find_upto(postgres::Connection& connection) const;

  const history::History& history_;
  const JournalId journal_;
  std::optional<Position> upto_;  // the database has the entries up to this one; nullopt: it has not been asked
};

}  // namespace temperature::mirror
