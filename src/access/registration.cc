#include "access/registration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <initializer_list>
#include <set>

#include "access/registry.h"
#include "base/json_text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "model/name.h"
#include "model/name_limits.h"

namespace temperature::access {
namespace {

constexpr std::string_view kMadeOpen = R"(,"made_under_dev":true)";

namespace dom = simdjson::dom;

auto invalid_registration(std::string detail) {
  return failure(ErrorCode::registration_invalid, std::move(detail));
}

Result<void> check_name(std::string_view what, std::string_view name, std::size_t bytes_max) {
  if (!name.empty() && name.size() <= bytes_max && valid_utf8(name) && !has_control_characters(name)) return {};
  return invalid_registration(
      fmt::format("{} must have 1 to {} bytes of UTF-8 without control characters", what, bytes_max));
}

// A building, room, sensor or quantity.
Result<std::string> read_name(std::string_view what, std::string_view sent, ReadingRules rules) {
  std::string made;
  std::string_view name = sent;
  if (rules == ReadingRules::current) {
    const auto normal = normalise_name(what, sent, made);
    if (!normal) return invalid_registration(normal.error().detail);
    name = *normal;
  }
  if (auto checked = check_name(what, name, limits::kNameBytesMax); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return std::string(name);
}

// The object's members, none unknown and none twice.
Result<void> check_members(const dom::object& object, std::initializer_list<std::string_view> known) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : object) {
    if (std::ranges::find(known, name) == known.end()) {
      return invalid_registration(
          fmt::format("there is no member \"{}\"; the members are {}", name, fmt::join(known, ", ")));
    }
    if (!seen.insert(name).second) return invalid_registration(fmt::format("\"{}\" stands twice", name));
  }
  return {};
}

Result<dom::object> read_object(dom::parser& parser, std::string_view json,
                                std::initializer_list<std::string_view> known) {
  if (json.size() > limits::kRegistrationBytesMax) {
    return invalid_registration(fmt::format("the body may have {} bytes", limits::kRegistrationBytesMax));
  }
  json = without_byte_order_mark(json);
  dom::element body;
  if (const auto error = parser.parse(json.data(), json.size()).get(body); error != simdjson::SUCCESS) {
    return failure(ErrorCode::malformed_json,
                   fmt::format("the body is not valid JSON: {}", simdjson::error_message(error)));
  }
  dom::object object;
  if (body.get(object) != simdjson::SUCCESS) return invalid_registration("the body must be an object");
  if (auto checked = check_members(object, known); !checked) return std::unexpected(std::move(checked.error()));
  return object;
}

// A member that may be left out or null: then it is empty.
Result<std::string> optional_name(const dom::object& object, std::string_view member, ReadingRules rules) {
  const auto found = object.at_key(member);
  if (found.error() == simdjson::NO_SUCH_FIELD || found.value_unsafe().is_null()) return std::string();
  std::string_view name;
  if (found.get(name) != simdjson::SUCCESS) return invalid_registration(fmt::format("\"{}\" must be text", member));
  return read_name(member, name, rules);
}

// The same for a list, which is given back sorted.
Result<std::vector<std::string>> optional_names(const dom::object& object, std::string_view member,
                                                ReadingRules rules) {
  std::vector<std::string> names;
  const auto found = object.at_key(member);
  if (found.error() == simdjson::NO_SUCH_FIELD || found.value_unsafe().is_null()) return names;
  dom::array list;
  if (found.get(list) != simdjson::SUCCESS || list.size() == 0 || list.size() > limits::kScopeNamesMax) {
    return invalid_registration(fmt::format("\"{}\" must be a list of 1 to {} names", member, limits::kScopeNamesMax));
  }
  for (const dom::element each : list) {
    std::string_view name;
    if (each.get(name) != simdjson::SUCCESS) return invalid_registration(fmt::format("\"{}\" must hold texts", member));
    auto read = read_name(member, name, rules);
    if (!read) return std::unexpected(std::move(read.error()));
    names.push_back(std::move(*read));
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

Result<SensorKey> read_sensor_key(const dom::element& element) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return invalid_registration("each of \"keys\" must be an object");
  if (auto checked = check_members(object, {"kid", "public_key"}); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  const auto given = object.at_key("public_key");
  std::string text;
  if (std::string_view pem; given.get(pem) == simdjson::SUCCESS) {
    text = pem;
  } else if (dom::object jwk; given.get(jwk) == simdjson::SUCCESS) {
    text = simdjson::minify(jwk);
  } else {
    return invalid_registration("each of \"keys\" must have a \"public_key\": PEM text, or a JWK as an object");
  }
  auto key = PublicKey::read(text);
  if (!key) return std::unexpected(std::move(key.error()));
  const auto kid = object.at_key("kid");
  if (kid.error() == simdjson::NO_SUCH_FIELD || kid.value_unsafe().is_null()) {
    return SensorKey{key->thumbprint(), std::move(*key)};
  }
  std::string_view name;
  if (kid.get(name) != simdjson::SUCCESS) return invalid_registration("\"kid\" must be text");
  if (auto checked = check_name("kid", name, limits::kKidBytesMax); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return SensorKey{std::string(name), std::move(*key)};
}

}  // namespace

Result<void> check_sensor_id(std::string_view id) {
  return check_name("a sensor's id", id, limits::kNameBytesMax);
}

Result<Sensor> read_sensor(std::string_view id, std::string_view json, ReadingRules rules) {
  auto name = read_name("a sensor's id", id, rules);
  if (!name) return std::unexpected(std::move(name.error()));
  dom::parser parser;
  const auto object = read_object(parser, json, {"keys", "building", "room", "quantities"});
  if (!object) return std::unexpected(object.error());
  Sensor sensor;
  sensor.id = std::move(*name);
  dom::array keys;
  if (object->at_key("keys").get(keys) != simdjson::SUCCESS || keys.size() == 0 ||
      keys.size() > limits::kKeysPerSensorMax) {
    return invalid_registration(fmt::format("\"keys\" must be a list of 1 to {} keys", limits::kKeysPerSensorMax));
  }
  for (const dom::element each : keys) {
    auto key = read_sensor_key(each);
    if (!key) return std::unexpected(std::move(key.error()));
    if (sensor.find_key(key->kid) != nullptr) return invalid_registration("two keys have the same \"kid\"");
    sensor.keys.push_back(std::move(*key));
  }
  auto building = optional_name(*object, "building", rules);
  if (!building) return std::unexpected(std::move(building.error()));
  auto room = optional_name(*object, "room", rules);
  if (!room) return std::unexpected(std::move(room.error()));
  auto quantities = optional_names(*object, "quantities", rules);
  if (!quantities) return std::unexpected(std::move(quantities.error()));
  sensor.building = std::move(*building);
  sensor.room = std::move(*room);
  sensor.quantities = std::move(*quantities);
  return sensor;
}

Result<KeyWish> read_key_wish(std::string_view json, ReadingRules rules) {
  dom::parser parser;
  const auto object = read_object(parser, json, {"name", "role", "buildings", "expires"});
  if (!object) return std::unexpected(object.error());
  KeyWish wish;
  auto name = optional_name(*object, "name", ReadingRules::former);
  if (!name) return std::unexpected(std::move(name.error()));
  if (name->empty()) return invalid_registration("\"name\" must say whose key it is");
  wish.name = std::move(*name);
  std::string_view role;
  if (object->at_key("role").get(role) != simdjson::SUCCESS) {
    return invalid_registration("\"role\" must be writer, reader, curator or admin");
  }
  for (const Role each : {Role::writer, Role::reader, Role::curator, Role::admin}) {
    if (role == role_name(each)) wish.role = each;
  }
  if (role != role_name(wish.role)) return invalid_registration("\"role\" must be writer, reader, curator or admin");
  auto buildings = optional_names(*object, "buildings", rules);
  if (!buildings) return std::unexpected(std::move(buildings.error()));
  wish.buildings = std::move(*buildings);
  if (wish.role == Role::admin && !wish.buildings.empty()) {
    return invalid_registration("an admin's key opens everything: it cannot be for some buildings alone");
  }
  const auto expires = object->at_key("expires");
  if (expires.error() == simdjson::NO_SUCH_FIELD || expires.value_unsafe().is_null()) return wish;
  std::string_view text;
  std::int64_t ms = 0;
  const auto moment = expires.get(text) == simdjson::SUCCESS ? parse_timestamp(text)
                      : expires.get(ms) == simdjson::SUCCESS ? std::optional(timestamp_from_ms(ms))
                                                             : std::nullopt;
  if (!moment && !text.empty()) {
    return invalid_registration(
        fmt::format(R"("expires" {}: "{}")", text_of(read_time(text).fault), utf8_prefix(text, limits::kNameBytesMax)));
  }
  if (!moment) return invalid_registration("\"expires\" must be RFC 3339 or milliseconds since 1970");
  wish.expires = *moment;
  return wish;
}

void append_json(std::string& out, const Sensor& sensor) {
  const auto member = [&out](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += fmt::format(R"(,"{}":)", name);
    append_json_string(out, value);
  };
  out += R"({"sensor":)";
  append_json_string(out, sensor.id);
  out += R"(,"keys":)";
  append_json_array(out, sensor.keys, [&](const SensorKey& key) {
    out += R"({"kid":)";
    append_json_string(out, key.kid);
    out += fmt::format(R"(,"algorithm":"{}","public_key":)", algorithm_name(key.key.algorithm()));
    append_json_string(out, key.key.pem());
    out.push_back('}');
  });
  member("building", sensor.building);
  member("room", sensor.room);
  if (!sensor.quantities.empty()) {
    out += R"(,"quantities":)";
    append_json_array(out, sensor.quantities, [&](const std::string& name) { append_json_string(out, name); });
  }
  member("registered", format_timestamp(sensor.registered));
  if (sensor.made_open) out += kMadeOpen;
  out.push_back('}');
}

void append_json(std::string& out, const ApiKey& key) {
  out += R"({"id":)";
  append_json_string(out, key.id);
  out += R"(,"name":)";
  append_json_string(out, key.name);
  out += fmt::format(R"(,"role":"{}")", role_name(key.role));
  if (!key.buildings.empty()) {
    out += R"(,"buildings":)";
    append_json_array(out, key.buildings, [&](const std::string& name) { append_json_string(out, name); });
  }
  const auto moment = [&out](std::string_view name, std::optional<Timestamp> when) {
    out += fmt::format(R"(,"{}":)", name);
    out += when && *when != kTimestampMax ? fmt::format("\"{}\"", format_timestamp(*when)) : "null";
  };
  moment("created", key.created);
  moment("expires", key.expires);
  moment("last_used", key.last_used);
  if (key.made_open) out += kMadeOpen;
  out.push_back('}');
}

}  // namespace temperature::access
