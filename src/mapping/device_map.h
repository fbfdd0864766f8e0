#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/keyed_hash.h"
#include "base/sizes.h"
#include "model/reading_rules.h"

namespace temperature::limits {

// Bytes of the device map's file; the service does not start with a larger one, and a running one keeps the map it has.
inline constexpr std::size_t kDeviceMapBytesMax = 64 * kMiB;

}  // namespace temperature::limits

namespace temperature::mapping {

// Where a device is, and what it measures when that is not clear from its lines. Empty: not said.
struct Device {
  std::string building;
  std::string room;
  std::string quantity;

  bool operator==(const Device&) const = default;
};

// Devices by their names, for senders that know no rooms. A file of CSV: the header names the columns `device`, `room`
// and, where wanted, `building` and `quantity`; lines that begin with # are comments. docs/clients.md shows one.
class DeviceMap {
 public:
  // Errors malformed_body: no header, a column that is missing or unknown, a line with another count of fields, a name
  // that is missing or no name (model), a device that stands twice. The detail names the line.
  // By the current rules its names are normalised (model/name.h), and so are those that are looked for.
  static Result<DeviceMap> parse(std::string text, ReadingRules rules = ReadingRules::current);
  // The same, and `startup` when the file cannot be read or is larger than limits::kDeviceMapBytesMax.
  static Result<DeviceMap> read(const std::filesystem::path& file, ReadingRules rules = ReadingRules::current);

  // nullptr when the device is not in the map.
  [[nodiscard]] const Device* find(std::string_view device) const;
  // The same, and hardware addresses in any of their spellings: see plain_address(). Where the map has one address in
  // several spellings, in different places, only the spelling that the map has is found.
  [[nodiscard]] const Device* find_any(std::string_view device) const;
  [[nodiscard]] std::size_t size() const { return devices_.size(); }

 private:
  void add_address(const std::string& device);

  ReadingRules rules_ = ReadingRules::current;
  std::unordered_map<std::string, Device, KeyedHash, std::equal_to<>> devices_;
  std::unordered_map<std::string, std::optional<Device>, KeyedHash, std::equal_to<>> addresses_;  // nullopt: several
};

// A hardware address of 6 or 8 bytes (EUI-48, EUI-64) as small hexadecimal digits alone: "84:F3:EB:12:34:56",
// "84-f3-eb-12-34-56", "84F3.EB12.3456" and "84f3eb123456" are one, and so are "0x00158D0001A2B3C4" and
// "00158d0001a2b3c4". Empty: the text is none.
std::string plain_address(std::string_view text);

// The device map that is in force. Thread-safe.
class DeviceMaps {
 public:
  DeviceMaps() : current_(std::make_shared<const DeviceMap>()) {}

  [[nodiscard]] std::shared_ptr<const DeviceMap> current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  void replace(DeviceMap map) {
    auto next = std::make_shared<const DeviceMap>(std::move(map));
    const std::lock_guard lock(mutex_);
    current_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const DeviceMap> current_;
};

}  // namespace temperature::mapping
