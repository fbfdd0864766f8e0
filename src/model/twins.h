#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

// Names that are kept apart, and are one by the current rules (model/name.h).
namespace temperature {

struct NameFinding {
  enum class Kind : std::uint8_t {
    twins,      // several names become one
    changed,    // one name becomes another that is not there yet
    refused,    // a name that no reading may come with
    case_only,  // names that stay apart, and differ in case alone: a hint
  };
  Kind kind = Kind::twins;
  std::string what;                // "room"
  std::string where;               // "in building \"main\""; empty: anywhere
  std::vector<std::string> names;  // as they are kept, in order
  std::string becomes;             // by the current rules; of `refused`: why; of `case_only`: empty

  bool operator==(const NameFinding&) const = default;
};

// Collects names, each with its kind and the place in which it must be the only one. Memory: every different name once.
class NameCheck {
 public:
  void add_series(std::string_view building, std::string_view room, std::string_view sensor, std::string_view quantity);
  void add_building(std::string_view building);
  void add_room(std::string_view building, std::string_view room);
  void add_quantity(std::string_view quantity);
  void add_registered_sensor(std::string_view id);

  // By what, where and name.
  [[nodiscard]] std::vector<NameFinding> findings() const;

 private:
  using Group = std::tuple<std::string, std::string>;  // what, where
  void add(std::string what, std::string where, std::string_view name);

  std::map<Group, std::set<std::string, std::less<>>> names_;
};

}  // namespace temperature
