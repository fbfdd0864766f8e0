#include "doors/query_door.h"

#include <new>
#include <utility>

#include "base/memory_reserve.h"
#include "http/problem.h"
#include "model/name.h"

namespace temperature::doors {

Result<void> answer_later(Readers& readers, http::Exchange& exchange, Later later) {
  const bool taken = readers.ask([&exchange, later = std::move(later)] {
    const auto answer = [&]() -> Result<void> {
      try {
        const MayRunOut nothing_is_lost;
        return later(exchange.response);
      } catch (const std::bad_alloc&) {
        return failure(ErrorCode::overloaded, "there is not enough memory for this question now");
      }
    };
    if (auto answered = answer(); !answered) {
      exchange.response.clear();
      http::write_problem(exchange.response, answered.error());
    }
    exchange.finish();
  });
  if (taken) return {};
  return failure(ErrorCode::overloaded, "too many questions that take a while are asked at once");
}

void answer_on(Readers& readers, http::Exchange& exchange, Later later) {
  auto taken = answer_later(readers, exchange, std::move(later));
  if (taken) return;
  http::write_problem(exchange.response, taken.error());
  exchange.finish();
}

Result<void> check_building(const Permit& permit, ReadingRules rules, std::string& building) {
  auto may = permit.check_building(building);
  if (may || rules == ReadingRules::former) return may;
  std::string made;
  const auto normal = normalise_name("building", building, made);
  if (!normal || !permit.check_building(*normal)) return may;
  building = std::string(*normal);
  return {};
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
  if (auto may = check_building(principal.permit, read_path().reading_rules(), *named); !may) {
    return std::unexpected(std::move(may.error()));
  }
  return named;
}

Result<std::optional<std::string>> QueryDoor::any_building(const http::Query& query,
                                                           const access::Principal& principal) const {
  auto named = query.optional_name("building");
  if (!named || !*named) return named;
  if (auto may = check_building(principal.permit, read_path().reading_rules(), **named); !may) {
    return std::unexpected(std::move(may.error()));
  }
  return named;
}

}  // namespace temperature::doors
