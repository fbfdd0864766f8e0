#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// What the commands `sensor` and `key` send to a service, and how they read its answers.
namespace temperature::client {

struct Registration {
  struct Key {
    std::string kid;  // empty: the service names it
    std::string public_key;
  };
  std::vector<Key> keys;
  std::string building;  // empty: any
  std::string room;
  std::vector<std::string> quantities;
};

std::string to_json(const Registration& registration);

// A registration as the service shows it. Error malformed_body: it is something else.
Result<Registration> read_registration(simdjson::dom::object object);

// A rotation: with a new key beside the newest old one it begins, and the sensor may sign with either; without a new
// key it ends, and the newest one stays alone.
Registration rotated(Registration registration, std::optional<Registration::Key> fresh);

struct WishedKey {
  std::string name;
  std::string role;
  std::vector<std::string> buildings;
  std::string expires;  // RFC 3339; empty: never
};

std::string to_json(const WishedKey& key);

// The path of an id below `prefix`, with what a path cannot hold escaped.
std::string path_of(std::string_view prefix, std::string_view id);

}  // namespace temperature::client
