#pragma once

#include <array>
#include <span>
#include <string_view>

#include "answer/history.h"
#include "doors/query_door.h"

namespace temperature::doors {

// GET /v1/history: buckets of time, as JSON in pages or as CSV, streamed.
class HistoryDoor final : public QueryDoor {
 public:
  using QueryDoor::QueryDoor;

 private:
  static constexpr std::array<std::string_view, 2> kLists{"room", "aggregates"};

  Result<Later> answer(const http::Query& query, const access::Principal& principal, http::Response& response) override;
  [[nodiscard]] std::span<const std::string_view> lists() const override { return kLists; }
  [[nodiscard]] Result<answer::HistoryQuery> question(const http::Query& query,
                                                      const access::Principal& principal) const;
  // From when to when, and by what: as given, as the cursor says, or by default.
  Result<void> set_range(const http::Query& query, answer::HistoryQuery& asked) const;
};

}  // namespace temperature::doors
