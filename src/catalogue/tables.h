#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/keyed_hash.h"
#include "base/stable_vector.h"
#include "catalogue/catalogue.h"

// What the catalogue is made of. Rows are small because there may be millions; they name each other
// by index and hold their names in one arena.
namespace temperature::catalogue {

inline constexpr std::uint32_t kNone = UINT32_MAX;

// A name in the arena. Its first byte is its length; of a longer one it is kLong, and two more have the length.
struct Name {
  static constexpr unsigned char kLong = 255;

  const char* bytes = nullptr;
  [[nodiscard]] std::string_view text() const {
    const auto size = static_cast<unsigned char>(bytes[0]);
    if (size != kLong) [[likely]]
      return {bytes + 1, size};
    std::uint16_t long_size = 0;
    std::memcpy(&long_size, bytes + 1, sizeof(long_size));
    return {bytes + 1 + sizeof(long_size), long_size};
  }
};

// Keeps names for ever: ids and views that were handed out stay valid. A name has at most limits::kSensorNameBytesMax
// bytes.
class NameArena {
 public:
  Name add(std::string_view text);

 private:
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t used_ = 0;
};

struct QuantityInfo {
  std::string name;
  std::string unit;  // empty until a reading names one
  bool built_in = false;
  std::uint32_t counted = 0;  // of its series, those that have not left
  Name brought_by;            // the sensor under whose bound it counts, while it does
};

struct RoomRow {
  Name room;
  Name building;
  std::uint32_t first_window = kNone;
};

struct WindowRow {
  std::uint32_t room = 0;
  std::uint32_t quantity = 0;
  std::uint32_t next_in_room = kNone;
  std::uint32_t first_series = kNone;
  std::uint32_t last_series = kNone;
  std::uint32_t series = 0;   // that there ever were: the next slot
  std::uint32_t counted = 0;  // of them, those that have not left
};

// Whether a series has readings, as far as the catalogue was told.
enum class Standing : std::uint8_t {
  arriving,       // named by a reading that may still be on its way
  arriving_long,  // the same, and it was that when arrivals were looked at before
  present,
  left,  // has none: it counts under no limit, and whoever sends one has to be let in again
};

struct SeriesRow {
  Name sensor;
  std::uint32_t window = 0;
  std::uint32_t next_in_window = kNone;
  std::atomic<std::uint32_t> followed_by = kNone;  // the series that came next last time: a guess
  std::uint16_t slot = 0;
  bool retired = false;  // takes nothing any more: its names are not normal, and the current rules hold
  std::atomic<Standing> standing = Standing::arriving;

  [[nodiscard]] bool has_left() const { return standing.load(std::memory_order_relaxed) == Standing::left; }
};

struct Catalogue::Tables {
  Tables(std::size_t most_series, QuantityLimits most_quantities)
      : series_max(most_series),
        quantities_max(most_quantities),
        rooms_by_name(0, Hash{this}, Equal{this}),
        windows_by_key(0, Hash{this}, Equal{this}),
        series_by_key(0, Hash{this}, Equal{this}) {}

  struct RoomKey {
    std::string_view building;
    std::string_view room;
  };
  struct WindowKey {
    std::uint32_t room;
    std::uint32_t quantity;
  };
  struct RoomIndex {
    std::uint32_t value;
  };
  struct WindowIndex {
    std::uint32_t value;
  };
  struct SeriesIndex {
    std::uint32_t value;
  };

  // Keyed, numbers too: who sends readings chooses which room and which quantity meet.
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    const Tables* tables;
    std::size_t operator()(const RoomKey& key) const;
    std::size_t operator()(const WindowKey& key) const;
    std::size_t operator()(const SeriesKey& key) const;
    std::size_t operator()(RoomIndex i) const { return (*this)(tables->room_key(i.value)); }
    std::size_t operator()(WindowIndex i) const { return (*this)(tables->window_key(i.value)); }
    std::size_t operator()(SeriesIndex i) const { return (*this)(tables->series_key(i.value)); }
  };
  struct Equal {
    using is_transparent = void;
    const Tables* tables;
    bool operator()(const RoomKey& a, RoomIndex b) const;
    bool operator()(const WindowKey& a, WindowIndex b) const;
    bool operator()(const SeriesKey& a, SeriesIndex b) const { return tables->series_is(b.value, a); }
    bool operator()(RoomIndex a, RoomIndex b) const { return a.value == b.value; }
    bool operator()(WindowIndex a, WindowIndex b) const { return a.value == b.value; }
    bool operator()(SeriesIndex a, SeriesIndex b) const { return a.value == b.value; }
  };

  [[nodiscard]] RoomKey room_key(std::uint32_t i) const { return {rooms[i].building.text(), rooms[i].room.text()}; }
  // By what rooms are listed in order.
  [[nodiscard]] std::pair<std::string_view, std::string_view> listed_as(std::size_t i) const {
    return {rooms[i].building.text(), rooms[i].room.text()};
  }
  [[nodiscard]] WindowKey window_key(std::uint32_t i) const { return {windows[i].room, windows[i].quantity}; }
  [[nodiscard]] SeriesKey series_key(std::uint32_t i) const;
  [[nodiscard]] bool series_is(std::uint32_t i, const SeriesKey& key) const;

  [[nodiscard]] std::uint32_t find_quantity(std::string_view name) const;  // kNone when unknown
  [[nodiscard]] std::uint32_t find_room(std::string_view building, std::string_view room) const;
  [[nodiscard]] std::uint32_t find_window(std::uint32_t room, std::uint32_t quantity) const;

  [[nodiscard]] std::vector<WindowId> room_windows(std::uint32_t room) const;  // in order of first sight

  // How many series a sensor has, in all rooms, those that have left left out. Counted from the first time on that
  // somebody asks.
  [[nodiscard]] std::uint32_t series_of_sensor(std::string_view sensor);

  // Whether a series that is not there yet, or has left, may be counted. Errors series_limit, quantity_limit.
  Result<void> may_count(const SeriesKey& key, std::uint32_t of_sensor_max);
  // The parts of it: apart from its quantity; its quantity; of one that was never there, whether it can be kept.
  Result<void> may_count_series(const SeriesKey& key, std::uint32_t of_sensor_max);
  [[nodiscard]] Result<void> may_count_quantity(const SeriesKey& key) const;
  [[nodiscard]] Result<void> may_keep(const SeriesKey& key) const;
  // Whether its room has a slot for another sensor. Error series_limit.
  [[nodiscard]] Result<void> has_slot(const SeriesKey& key) const;
  // Error unit_mismatch. A quantity that is not there yet is made.
  Result<void> fix_unit(std::string_view quantity, std::string_view unit);

  // Make the row that is not there yet; callers checked the bounds and hold the lock.
  std::uint32_t add_series(const SeriesKey& key);  // and all that it needs
  std::uint32_t add_quantity(std::string_view name);
  std::uint32_t add_room(std::string_view building, std::string_view room);
  std::uint32_t add_window(std::uint32_t room, std::uint32_t quantity);
  std::uint32_t add_series(std::uint32_t window, std::string_view sensor);

  // A series that does not count begins to, and one that does stops.
  void count(std::uint32_t i, Standing standing);
  void leave(std::uint32_t i);

  [[nodiscard]] Found found(std::uint32_t i) const {
    return {SeriesId(i), {WindowId(series[i].window), Slot(series[i].slot)}};
  }
  [[nodiscard]] SeriesInfo info(std::uint32_t i) const {
    return {SeriesId(i), series[i].sensor.text(), {WindowId(series[i].window), Slot(series[i].slot)}};
  }

  // An entry of the definition log: a series' index, or a quantity's with the top bit set.
  static constexpr std::uint32_t kUnitBit = 1U << 31U;

  const std::size_t series_max;
  const QuantityLimits quantities_max;
  // Those that have not left; of quantities those that are not built in.
  std::size_t series_counted = 0;
  std::size_t windows_counted = 0;
  std::size_t quantities_counted = 0;
  // How many of these each sensor was the first to send. Ordered: its keys are outsiders' bytes.
  std::map<std::string, std::size_t, std::less<>> quantities_by_sensor;
  NameArena names;
  std::vector<std::unique_ptr<QuantityInfo>> quantities;
  StableVector<RoomRow> rooms;
  StableVector<WindowRow> windows;
  StableVector<SeriesRow> series;
  boost::unordered_flat_map<std::string_view, std::uint32_t, KeyedHash> quantities_by_name;
  boost::unordered_flat_set<RoomIndex, Hash, Equal> rooms_by_name;
  boost::unordered_flat_set<WindowIndex, Hash, Equal> windows_by_key;
  boost::unordered_flat_set<SeriesIndex, Hash, Equal> series_by_key;
  boost::unordered_flat_map<std::string_view, std::uint32_t, KeyedHash> series_by_sensor;  // empty until somebody asks
  std::vector<std::uint32_t> log;
  // By (building, room); brought up to date when rooms are listed. Guarded by listing_mutex_ instead.
  std::vector<std::uint32_t> rooms_sorted;
  Name last_building;
};

}  // namespace temperature::catalogue
