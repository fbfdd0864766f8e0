#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/device_map.h"
#include "mapping/line_rules.h"

namespace temperature::limits {

// Conflicts of a request of lines whose tags are compared with those of the line that was there before.
inline constexpr std::size_t kLineConflictsExplained = 10;
// Lines looked back at for it.
inline constexpr std::size_t kLinesLookedBack = 256;

}  // namespace temperature::limits

namespace temperature::doors {

// Looks at the lines of one body again, when they contradict what is stored.
class LineConflicts {
 public:
  // All must outlive it.
  // `sensor_id`: whose token sent the body; empty: none's.
  LineConflicts(std::string_view body, const mapping::LineRules& rules, const mapping::DeviceMap& devices,
                std::string_view sensor_id)
      : rules_(rules), devices_(devices), sensor_id_(sensor_id), body_(body) {}

  // The line of that number, from 0; empty when there is none.
  std::string_view line(std::uint32_t number);

  // Names the tags of a line that have no part in its sensor's name, and so let two sensors look like one: those that
  // differ from the line before it in the body that has its names and its timestamp, else all of them. Goes on from a
  // sentence; empty when there is no such tag.
  std::string unused_tags(std::uint32_t number);

 private:
  const mapping::LineRules& rules_;
  const mapping::DeviceMap& devices_;
  std::string_view sensor_id_;
  std::string_view body_;                // what is not looked at yet
  std::vector<std::string_view> lines_;  // what is
};

}  // namespace temperature::doors
