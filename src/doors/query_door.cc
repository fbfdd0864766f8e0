#include "doors/query_door.h"

#include <utility>

#include "http/problem.h"

namespace temperature::doors {

Result<void> answer_later(Readers& readers, http::Exchange& exchange, Later later) {
  const bool taken = readers.ask([&exchange, later = std::move(later)] {
    if (auto answered = later(exchange.response); !answered) {
      exchange.response.clear();
      http::write_problem(exchange.response, answered.error());
    }
    exchange.finish();
  });
  if (taken) return {};
  return failure(ErrorCode::overloaded, "too many questions that take a while are asked at once");
}

void QueryDoor::handle(http::Exchange& exchange) {
  Later later;
  const auto respond = [&]() -> Result<void> {
    if (reading_.pipeline.state().phase() == pipeline::ServiceState::Phase::recovering) {
      return failure(ErrorCode::recovering, "readings cannot be asked for yet: the service is recovering");
    }
    auto query = http::Query::parse(exchange.request.query, lists());
    if (!query) return std::unexpected(std::move(query.error()));
    auto answered = answer(*query, *exchange.request.principal, exchange.response);
    if (!answered) return std::unexpected(std::move(answered.error()));
    later = std::move(*answered);
    return {};
  };
  auto responded = respond();
  if (responded && later) {
    responded = answer_later(reading_.readers, exchange, std::move(later));
    if (responded) return;
  }
  if (!responded) http::write_problem(exchange.response, responded.error());
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
