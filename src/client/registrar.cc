#include "client/registrar.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/json_text.h"
#include "client/problem.h"

namespace temperature::client {
namespace {

namespace dom = simdjson::dom;

void append_names(std::string& out, std::string_view member, const std::vector<std::string>& names) {
  if (names.empty()) return;
  out += fmt::format(R"(,"{}":)", member);
  append_json_array(out, names, [&](const std::string& name) { append_json_string(out, name); });
}

void append_text(std::string& out, std::string_view member, std::string_view text) {
  if (text.empty()) return;
  out += fmt::format(R"(,"{}":)", member);
  append_json_string(out, text);
}

std::string text_of(const dom::object& object, std::string_view member) {
  std::string_view text;
  return object.at_key(member).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

std::string to_json(const Registration& registration) {
  std::string out = R"({"keys":)";
  append_json_array(out, registration.keys, [&](const Registration::Key& key) {
    out += R"({"public_key":)";
    append_json_string(out, key.public_key);
    append_text(out, "kid", key.kid);
    out.push_back('}');
  });
  append_text(out, "building", registration.building);
  append_text(out, "room", registration.room);
  append_names(out, "quantities", registration.quantities);
  out.push_back('}');
  return out;
}

Result<Registration> read_registration(dom::object object) {
  dom::array keys;
  if (object.at_key("keys").get(keys) != simdjson::SUCCESS) return not_understood("it has no \"keys\"");
  Registration registration;
  for (const dom::element each : keys) {
    dom::object key;
    if (each.get(key) != simdjson::SUCCESS) return not_understood("one of its \"keys\" is no object");
    registration.keys.push_back({text_of(key, "kid"), text_of(key, "public_key")});
  }
  registration.building = text_of(object, "building");
  registration.room = text_of(object, "room");
  dom::array quantities;
  if (object.at_key("quantities").get(quantities) == simdjson::SUCCESS) {
    for (const dom::element each : quantities) {
      std::string_view name;
      if (each.get(name) != simdjson::SUCCESS) return not_understood("one of its \"quantities\" is no text");
      registration.quantities.emplace_back(name);
    }
  }
  return registration;
}

Registration rotated(Registration registration, std::optional<Registration::Key> fresh) {
  auto& keys = registration.keys;
  if (keys.size() > 1) keys.erase(keys.begin(), keys.end() - 1);
  if (fresh) keys.push_back(std::move(*fresh));
  return registration;
}

std::string to_json(const WishedKey& key) {
  std::string out = R"({"name":)";
  append_json_string(out, key.name);
  append_text(out, "role", key.role);
  append_names(out, "buildings", key.buildings);
  append_text(out, "expires", key.expires);
  out.push_back('}');
  return out;
}

std::string path_of(std::string_view prefix, std::string_view id) {
  std::string path(prefix);
  for (const char c : id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '~';  // not the dot: "..", a sensor's name, is not the folder above
    path += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return path;
}

}  // namespace temperature::client
