#include "client/names.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>

#include "client/pages.h"
#include "client/problem.h"

namespace temperature::client {
namespace {

constexpr const char* kPerPage = "500";

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

// Page after page. False: nobody may see it (403). `each` returns false where a row is not as it should be.
Result<bool> list(HttpClient& client, Parameters parameters,
                  const std::function<bool(simdjson::dom::element sensor)>& each) {
  simdjson::dom::parser parser;
  Pages pages;
  parameters.emplace_back("limit", kPerPage);
  parameters.emplace_back("cursor", "");
  while (true) {
    auto asked = parameters;
    asked.back().second = pages.cursor();
    if (pages.cursor().empty()) asked.pop_back();
    const auto answer = client.request("GET", address("/v1/sensors", asked), "");
    if (!answer) return std::unexpected(answer.error());
    if (answer->status == 403) return false;
    const auto page = object_of(parser, *answer, "the service does not list its sensors");
    if (!page) return std::unexpected(page.error());
    simdjson::dom::array sensors;
    if ((*page)["sensors"].get(sensors) != simdjson::SUCCESS) return not_understood("it lists no sensors");
    for (const simdjson::dom::element sensor : sensors) {
      if (!each(sensor)) return not_understood("a sensor in it is not as it should be");
    }
    const auto more = pages.turn(*page, sensors.size());
    if (!more) return std::unexpected(more.error());
    if (!*more) return true;
  }
}

}  // namespace

Result<NameCheck> read_names(HttpClient& client) {
  NameCheck check;
  const auto listed = list(client, {}, [&](simdjson::dom::element sensor) {
    simdjson::dom::array quantities;
    if (sensor["quantities"].get(quantities) != simdjson::SUCCESS) return false;
    for (const simdjson::dom::element quantity : quantities) {
      const std::array names{text_at(sensor, "building"), text_at(sensor, "room"), text_at(sensor, "sensor"),
                             text_at(quantity, "quantity")};
      if (std::ranges::any_of(names, &std::string_view::empty)) return false;
      check.add_series(names[0], names[1], names[2], names[3]);
    }
    return true;
  });
  if (!listed) return std::unexpected(listed.error());
  if (!*listed) return failure(ErrorCode::startup, "the service does not list its sensors: the key may not read");
  const auto registered = list(client, {{"registered", "true"}}, [&](simdjson::dom::element sensor) {
    const std::string_view name = text_at(sensor, "sensor");
    if (name.empty()) return false;
    check.add_registered_sensor(name);
    return true;
  });
  if (!registered) return std::unexpected(registered.error());
  return check;
}

}  // namespace temperature::client
