#include "client/health.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <ostream>
#include <utility>

#include "client/printable.h"
#include "client/problem.h"

namespace temperature::client {
namespace {

// What the answer says of the service, in words. Error startup: it is not ready; malformed_body: no answer of ours.
Result<std::string> readiness(const HttpAnswer& answer) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  const bool read = parser.parse(answer.body).get(json) == simdjson::SUCCESS;
  const std::string_view status = read ? text_at(json, "status") : std::string_view();
  if (answer.status == 200 && status == "ready") return std::string(status);
  if (answer.status != 503 || status.empty()) return not_understood(fmt::format("status {}", answer.status));
  const std::string_view detail = text_at(json, "detail");
  return failure(ErrorCode::startup, fmt::format("not ready: {}{}{}", status, detail.empty() ? "" : ": ", detail));
}

}  // namespace

int ask_health(const HealthQuestion& question, const Surroundings& surroundings) {
  auto client = HttpClient::create(question.target, surroundings.pause);
  if (!client) return report(surroundings, client.error());
  const auto answer = (*client)->get_once(question.writes ? "/readyz?for=writes" : "/readyz");
  if (!answer) return report(surroundings, answer.error());
  const auto ready = readiness(*answer);
  if (!ready) return report(surroundings, ready.error());
  surroundings.out << printable(*ready) << '\n' << std::flush;
  return 0;
}

}  // namespace temperature::client
