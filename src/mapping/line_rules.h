#pragma once

#include <string>
#include <vector>

#include "model/reading_rules.h"

namespace temperature::mapping {

// By which rules the names of line protocol become ours. Of several tags that could name a thing, the first of its list
// that a line has does.
struct LineRules {
  std::vector<std::string> building_tags{"building", "building_id", "site", "house", "facility"};
  std::vector<std::string> room_tags{"room", "room_id", "area", "area_id", "location", "zone"};
  std::vector<std::string> sensor_tags{"sensor", "sensor_id", "device", "device_id", "entity_id", "id", "host"};
  // What is said by these about the unit is a tag or a field with a string.
  std::vector<std::string> unit_tags{"unit", "units", "unit_of_measurement", "unit_of_measurement_str"};

  // Lines with the tags `domain` and `entity_id` are Home Assistant's: their measurement is a unit, and only their
  // field `value` is a reading.
  bool home_assistant = true;

  ReadingRules reading_rules = ReadingRules::current;
};

// Names with commas between, as a flag gives them.
std::string joined(const std::vector<std::string>& names);
std::vector<std::string> split(const std::string& names);

}  // namespace temperature::mapping
