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
    return answer(*query, exchange.response);
  };
  if (auto responded = respond(); !responded) http::write_problem(exchange.response, responded.error());
  exchange.finish();
}

}  // namespace temperature::doors
