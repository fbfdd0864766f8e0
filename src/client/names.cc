#include "client/names.h"

#include <simdjson.h>

#include <functional>
#include <optional>
#include <string>

#include "client/problem.h"

namespace temperature::client {
namespace {

constexpr const char* kPerPage = "500";

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

// Page after page. False: nobody may see it (403).
Result<bool> list(HttpClient& client, Parameters parameters,
                  const std::function<void(simdjson::dom::element sensor)>& each) {
  simdjson::dom::parser parser;
  parameters.emplace_back("limit", kPerPage);
  parameters.emplace_back("cursor", "");
  for (std::string& cursor = parameters.back().second;;) {
    auto asked = parameters;
    if (cursor.empty()) asked.pop_back();
    const auto answer = client.request("GET", address("/v1/sensors", asked), "");
    if (!answer) return std::unexpected(answer.error());
    if (answer->status == 403) return false;
    simdjson::dom::element page;
    simdjson::dom::array sensors;
    if (answer->status != 200 || parser.parse(answer->body).get(page) != simdjson::SUCCESS ||
        page["sensors"].get(sensors) != simdjson::SUCCESS) {
      return std::unexpected(problem_of(*answer, "the service does not list its sensors"));
    }
    for (const simdjson::dom::element sensor : sensors) each(sensor);
    cursor = std::string(text_at(page, "next"));
    if (cursor.empty()) return true;
  }
}

}  // namespace

Result<NameCheck> read_names(HttpClient& client) {
  NameCheck check;
  const auto listed = list(client, {}, [&](simdjson::dom::element sensor) {
    for (const auto quantity : sensor["quantities"].get_array()) {
      check.add_series(text_at(sensor, "building"), text_at(sensor, "room"), text_at(sensor, "sensor"),
                       text_at(quantity, "quantity"));
    }
  });
  if (!listed) return std::unexpected(listed.error());
  if (!*listed) return failure(ErrorCode::startup, "the service does not list its sensors: the key may not read");
  const auto registered = list(client, {{"registered", "true"}}, [&](simdjson::dom::element sensor) {
    check.add_registered_sensor(text_at(sensor, "sensor"));
  });
  if (!registered) return std::unexpected(registered.error());
  return check;
}

}  // namespace temperature::client
