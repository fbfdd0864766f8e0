#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace temperature::limits {

// Names in --line-fields; more are refused at the start.
inline constexpr std::size_t kLineFieldsNamed = 256;

}  // namespace temperature::limits

namespace temperature::mapping {

// Which fields of lines may be readings, by their keys: all, some alone, or all but some. A plain value.
class LineFields {
 public:
  // All.
  LineFields() = default;

  // Names with commas between: "*", all of them; "temperature,hum*", these alone; "!uptime,!wifi_*", all but these. A
  // `*` at a name's end stands for anything. nullopt: no name, an empty one, too many, or some with `!` and some
  // without.
  static std::optional<LineFields> parse(std::string_view text);

  [[nodiscard]] bool takes_all() const { return names_.empty(); }
  // `key` as it is written in the line, escapes included.
  [[nodiscard]] bool takes(std::string_view key) const;

 private:
  struct Name {
    std::string text;
    bool begins = false;  // a key that begins so is meant, too
  };

  std::vector<Name> names_;  // empty: all fields are taken
  bool left_out_ = false;    // the names are those that are not taken
};

}  // namespace temperature::mapping
