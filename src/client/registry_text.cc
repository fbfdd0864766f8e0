#include "client/registry_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "client/printable.h"
#include "client/readable.h"

namespace temperature::client {
namespace {

namespace dom = simdjson::dom;

template <class Json>
std::string text_of(Json json, std::string_view member) {
  std::string_view text;
  return json[member].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

// The texts of a list, or of a member of each object in it.
template <class Json>
std::string list_of(Json json, std::string_view member, std::string_view inner = {}) {
  dom::array list;
  std::vector<std::string_view> texts;
  if (json[member].get(list) != simdjson::SUCCESS) return {};
  for (const dom::element each : list) {
    std::string_view text;
    const auto error = inner.empty() ? each.get(text) : each[inner].get(text);
    if (error == simdjson::SUCCESS) texts.push_back(text);
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string or_else(std::string_view text, std::string_view otherwise) {
  return std::string(text.empty() ? otherwise : text);
}

template <class Json>
std::string moment_of(Json json, std::string_view member, std::string_view otherwise) {
  const auto moment = parse_rfc3339(text_of(json, member));
  return moment ? readable_moment(*moment) : std::string(otherwise);
}

std::string note_of(dom::element json) {
  bool made_open = false;
  return json["made_under_dev"].get(made_open) == simdjson::SUCCESS && made_open ? "for --dev alone" : "";
}

}  // namespace

Table keys_table() {
  return Table({{"ID"}, {"NAME"}, {"ROLE"}, {"BUILDINGS"}, {"CREATED"}, {"EXPIRES"}, {"LAST USED"}, {"NOTE"}});
}

void add_key(Table& table, dom::element key) {
  table.add({text_of(key, "id"), text_of(key, "name"), text_of(key, "role"), or_else(list_of(key, "buildings"), "all"),
             moment_of(key, "created", ""), moment_of(key, "expires", "never"), moment_of(key, "last_used", "never"),
             note_of(key)});
}

Table sensors_table() {
  return Table({{"SENSOR"}, {"BUILDING"}, {"ROOM"}, {"QUANTITIES"}, {"KEYS"}, {"REGISTERED"}, {"NOTE"}});
}

void add_sensor(Table& table, dom::element sensor) {
  table.add({text_of(sensor, "sensor"), or_else(text_of(sensor, "building"), "any"),
             or_else(text_of(sensor, "room"), "any"), or_else(list_of(sensor, "quantities"), "any"),
             list_of(sensor, "keys", "kid"), moment_of(sensor, "registered", ""), note_of(sensor)});
}

std::string made_key_text(dom::object key) {
  const auto shown = [&](std::string_view member) { return printable(text_of(key, member)); };
  return fmt::format(
      "made key {} for {}: {}, buildings: {}, expires: {}\n"
      "key  {}\n"
      "The key is shown this once; the service keeps no copy.\n",
      shown("id"), shown("name"), or_else(shown("role"), "no role"),
      printable(or_else(list_of(key, "buildings"), "all")), moment_of(key, "expires", "never"), shown("key"));
}

std::string registration_text(std::string_view done, dom::object sensor) {
  const auto shown = [](std::string_view text) { return printable(or_else(text, "any")); };
  return fmt::format("{} sensor {}: building {}, room {}, quantities: {}; keys: {}\n", done,
                     printable(text_of(sensor, "sensor")), shown(text_of(sensor, "building")),
                     shown(text_of(sensor, "room")), shown(list_of(sensor, "quantities")),
                     printable(list_of(sensor, "keys", "kid")));
}

}  // namespace temperature::client
