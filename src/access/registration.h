#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "access/registry.h"
#include "base/sizes.h"
#include "model/reading_rules.h"

namespace temperature::limits {

// Bytes of a body that registers a sensor or makes a key; a larger one is refused (registration_invalid).
inline constexpr std::size_t kRegistrationBytesMax = 64 * kKiB;

}  // namespace temperature::limits

// What an administrator sends and gets, as JSON. Unlike elsewhere an unknown member is an error: one that is misspelt
// would otherwise allow more than was meant.
namespace temperature::access {

// By the current rules names of sensors, buildings, rooms and quantities are normalised (model/name.h).
// {"keys":[{"kid","public_key"}],"building","room","quantities"}; kid may be left out: it is the key's thumbprint then.
// Errors: malformed_json, registration_invalid, public_key_invalid.
Result<Sensor> read_sensor(std::string_view id, std::string_view json, ReadingRules rules = ReadingRules::current);

struct KeyWish {
  std::string name;
  Role role = Role::reader;
  std::vector<std::string> buildings;
  Timestamp expires = kTimestampMax;
};

// {"name","role","buildings","expires"}; the last two may be left out. Errors: malformed_json, registration_invalid.
Result<KeyWish> read_key_wish(std::string_view json, ReadingRules rules = ReadingRules::current);

void append_json(std::string& out, const Sensor& sensor);
void append_json(std::string& out, const ApiKey& key);  // nothing of its secret

// An id of a sensor: as a reading's sensor. Error registration_invalid.
Result<void> check_sensor_id(std::string_view id);

}  // namespace temperature::access
