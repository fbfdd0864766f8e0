#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/registry.h"
#include "base/error.h"
#include "model/permit.h"
#include "model/reading_rules.h"

// What credentials are for, under the rules by which names are read (model/name.h). By the current ones readings and
// questions come with normal names, while what was registered before the rules were switched may have others.
namespace temperature::access {

// The id of the registered sensor that `sent` means: the same bytes, else its normal name. When none is registered, the
// latter. Error registry_failed.
Result<std::string> registered_id(const Registry& registry, std::string_view sent, ReadingRules rules);

// What a sensor may write: names as readings come with them. An id that is not normal is the sensor of its normal name,
// unless that one is registered too: then its readings are nobody's, rather than another's. Error registry_failed.
Result<Permit> permit_of(const Sensor& sensor, const Registry& registry, ReadingRules rules);

// Each of the buildings, and its normal name: what was stored before is under the former. Sorted, each once.
std::vector<std::string> buildings_of(std::vector<std::string> buildings, ReadingRules rules);

}  // namespace temperature::access
