#pragma once

#include <string>
#include <string_view>

#include "access/registry.h"

// Sensors and keys as bytes: docs/formats/registry.md.
namespace temperature::access {

std::string encode(const Sensor& sensor);
std::string encode(const ApiKey& key);  // without last_used

// Whether the bytes are a record that was made open; it need not be whole.
bool is_made_open(std::string_view bytes);

// Error registry_failed: the bytes are not a record of a version that is known. `id` is where the record was found.
Result<Sensor> decode_sensor(std::string_view id, std::string_view bytes);
Result<ApiKey> decode_key(std::string_view id, std::string_view bytes);

}  // namespace temperature::access
