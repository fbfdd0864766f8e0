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
// Lines from one place that is remembered to the next: a line is looked for from the last such place before it.
inline constexpr std::size_t kLinesBetweenMarks = 256;

}  // namespace temperature::limits

namespace temperature::doors {

// Looks at the lines of one body again, when they were refused or contradict what is stored. The body is gone through
// once, whichever lines are asked for, and a place remembered now and then.
class LineConflicts {
 public:
  // All must outlive it.
  // `sensor_id`: whose token sent the body; empty: none's.
  LineConflicts(std::string_view body, const mapping::LineRules& rules, const mapping::DeviceMap& devices,
                std::string_view sensor_id)
      : rules_(rules), devices_(devices), sensor_id_(sensor_id), body_(body) {}

  // So many bytes of the body were gone through, again and again: the work.
  [[nodiscard]] std::uint64_t bytes_passed() const { return bytes_passed_; }

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
  // Takes the line that begins at `at`, and moves that behind it. REQUIRES: at < body_.size().
  std::string_view take_line(std::size_t& at);
  // Where a line begins; the body's size when there is no such line.
  std::size_t find(std::size_t number);

  std::string_view body_;
  std::vector<std::size_t> marks_;  // where each limits::kLinesBetweenMarks-th line begins, as far as was looked
  std::uint64_t bytes_passed_ = 0;
};

}  // namespace temperature::doors
