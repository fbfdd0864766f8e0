#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"
#include "mapping/sensor_name.h"

namespace temperature::limits {

// Names of sensors that are made from one sensor tag's value; when there are more, the log says so once.
inline constexpr std::size_t kNamesOfSensorTag = 100;
// Values of sensor tags whose names are counted; at so many, those with the fewest names are forgotten.
inline constexpr std::size_t kSensorTagsWatched = 1'024;
// Bytes of such a value; the names of a longer one are not counted.
inline constexpr std::size_t kSensorTagBytesWatched = 1'024;

}  // namespace temperature::limits

namespace temperature::mapping {

// How many names of sensors are made from the value of one sensor tag with other tags beside it. Many mean that one of
// the others changes while the sensor stays the same. Told once for each value, since the start. Thread-safe.
class SensorNameCounts {
 public:
  // Called for a value whose names became more than limits::kNamesOfSensorTag, with all the tags that made the last
  // of them ("device, uptime"); on the thread that counts.
  using Report = std::function<void(std::string_view tag, std::string_view value, std::string_view name_from)>;

  explicit SensorNameCounts(Report report) : report_(std::move(report)) {}

  // Counts a name once. Names that one tag alone made are not counted.
  void count(const MeantTags& tags, const LineRules& rules, const SensorName& name);

 private:
  struct Names {
    std::vector<std::uint64_t> seen;  // their hashes
    bool told = false;
  };
  Names* names_of(const std::string& tag);

  Report report_;
  std::mutex mutex_;
  boost::unordered_flat_map<std::string, Names, KeyedHash> by_tag_;  // "key=value", escaped
};

}  // namespace temperature::mapping
