#pragma once

#include <cstddef>
#include <utility>

#include "doors/query_door.h"
#include "history/history.h"

namespace temperature::limits {

// Entries of the audit on one page; a greater limit is refused (parameter_invalid).
inline constexpr std::size_t kPageAuditMax = 1'000;
// Entries that are looked at for one page: it ends early then, and says where to go on.
inline constexpr std::size_t kAuditLookedAtMax = 10'000;

}  // namespace temperature::limits

namespace temperature::doors {

// GET /v1/audit: who deleted or replaced what, when and why, the oldest first. Whoever may see some buildings alone
// gets the entries of those.
class AuditDoor final : public QueryDoor {
 public:
  // `history` outlives the door.
  AuditDoor(Reading reading, const history::History& history) : QueryDoor(std::move(reading)), history_(history) {}

 private:
  Result<Later> answer(const http::Query& query, const access::Principal& principal, http::Response& response) override;

  const history::History& history_;
};

}  // namespace temperature::doors
