#include "doors/query_door.h"

#include "http/problem.h"

namespace temperature::doors {

void QueryDoor::handle(http::Exchange& exchange) {
  const auto respond = [&]() -> Result<void> {
    if (reading_.pipeline.state().phase() == pipeline::ServiceState::Phase::recovering) {
      return failure(ErrorCode::recovering, "readings cannot be asked for yet: the service is recovering");
    }
    auto query = http::Query::parse(exchange.request.query);
    if (!query) return std::unexpected(std::move(query.error()));
    return answer(*query, *exchange.request.principal, exchange.response);
  };
  if (auto responded = respond(); !responded) http::write_problem(exchange.response, responded.error());
  exchange.finish();
}

Result<std::string> QueryDoor::building(const http::Query& query, const access::Principal& principal) const {
  auto named = query.name_or("building", reading_.default_building);
  if (!named) return named;
  if (auto may = principal.permit.check_building(*named); !may) return std::unexpected(std::move(may.error()));
  return named;
}

Result<std::optional<std::string>> QueryDoor::any_building(const http::Query& query,
                                                           const access::Principal& principal) {
  auto named = query.optional_name("building");
  if (!named || !*named) return named;
  if (auto may = principal.permit.check_building(**named); !may) return std::unexpected(std::move(may.error()));
  return named;
}

}  // namespace temperature::doors
