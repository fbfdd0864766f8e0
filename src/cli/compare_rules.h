#pragma once

#include <string>

#include "mapping/device_map.h"
#include "mapping/line_rules.h"

namespace temperature::cli {

// By what lines are named, but for the rules that are compared.
struct Naming {
  mapping::LineRules rules;
  mapping::DeviceMap devices;
  std::string default_building;
};

// `explain-line --compare FILE`: prints every series of the file's lines whose name the former and the current rules
// make differently, and which series either of them makes one. The exit status: 0 when there is none, 1 when there are
// some, 2 when the file cannot be read or is larger than limits::kComparedBytesMax.
int compare_rules(const std::string& file, const Naming& naming);

}  // namespace temperature::cli
