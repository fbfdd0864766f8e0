#include "access/registry.h"

#include <algorithm>

namespace temperature::access {

const SensorKey* Sensor::find_key(std::string_view kid) const {
  const auto found = std::ranges::find(keys, kid, &SensorKey::kid);
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace temperature::access
