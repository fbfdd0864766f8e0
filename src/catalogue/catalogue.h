#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "catalogue/definition.h"
#include "model/ids.h"
#include "model/reading.h"
#include "model/reading_rules.h"
#include "model/unit.h"

namespace temperature::limits {

// Sensors that ever sent one quantity of one room; a reading of another sensor is refused (series_limit).
inline constexpr std::size_t kSensorsPerRoomMax = 65'535;
// The most that --quantities-max may say.
inline constexpr std::size_t kQuantitiesMax = 1'000'000;
// Quantities of the service when --quantities-max is not given, the built-in ones (temperature, ...) not counted; a
// reading of another quantity is refused (quantity_limit).
inline constexpr std::size_t kQuantitiesDefault = 16'384;
// Quantities that one sensor may be the first to send when --quantities-per-sensor is not given; a reading of a further
// one that nobody sent before is refused (quantity_limit).
inline constexpr std::size_t kQuantitiesPerSensorDefault = 64;
// Names whose readings are gone stay known, some 100 bytes of memory each (400 in a room of its own). Series that there
// ever were, times --series-max, and quantities, times --quantities-max; a new one beyond it is refused (series_limit,
// quantity_limit).
inline constexpr std::size_t kNamesKeptTimes = 4;
// So many may be kept however small those limits are.
inline constexpr std::size_t kNamesKeptMin = 65'536;

}  // namespace temperature::limits

namespace temperature::catalogue {

struct SeriesInfo {
  SeriesId id;
  std::string_view sensor;
  Place place;
};

// How many names may be kept where so many may have readings at once.
constexpr std::size_t names_kept_max(std::size_t limit) {
  return limit > SIZE_MAX / limits::kNamesKeptTimes ? SIZE_MAX
                                                    : std::max(limit * limits::kNamesKeptTimes, limits::kNamesKeptMin);
}

// How many quantities there may be. The built-in ones (units.h) count under neither bound, so that a sensor can always
// send its temperature.
struct QuantityLimits {
  std::size_t in_all = limits::kQuantitiesDefault;
  std::size_t of_sensor = limits::kQuantitiesPerSensorDefault;  // those that it was the first to send; 0: any number
};

struct WindowInfo {
  WindowId id;
  std::string_view building;
  std::string_view room;
  std::string_view quantity;
};

// Which series, rooms and quantities exist, and where each one's readings are kept. Names are never
// forgotten or renamed, so every id and every view handed out stays valid for the catalogue's life. Those whose
// readings are gone have left: they count under no limit, and are known here for those that come again. Thread-safe:
// any number of readers beside one writer at a time.
class Catalogue {
 public:
  // By the current rules a series of before whose names are not normal (model/name.h) is found by questions alone:
  // what is sent under its names is not meant for it any more.
  explicit Catalogue(std::size_t series_max, ReadingRules reading_rules = ReadingRules::current,
                     QuantityLimits quantities = {});
  ~Catalogue();
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  struct Found {
    SeriesId id;
    Place place;
  };

  // Looks series up for one batch, holding the shared lock while it lives. Guesses that the series
  // follow each other as they did last time before it hashes. Not for use across threads.
  class Reader {
   public:
    explicit Reader(const Catalogue& catalogue);
    // nullopt when the series is not known, or takes nothing any more, or has left: define() lets it in again.
    [[nodiscard]] std::optional<Found> find(const SeriesKey& key);
    // Whether a series that was found before has left since.
    [[nodiscard]] bool has_left(SeriesId id) const;
    // How values in `unit` become values in the unit of `quantity`: not at all when none is fixed yet; then `fixes` is
    // set, for this unit would be the quantity's first. nullopt when it contradicts the one that is fixed.
    [[nodiscard]] std::optional<UnitChange> unit_change(std::string_view quantity, std::string_view unit,
                                                        ReadingRules rules, bool& fixes) const;

   private:
    const Catalogue& catalogue_;
    std::shared_lock<std::shared_mutex> lock_;
    std::uint32_t guess_;
    bool any_left_;
  };

  [[nodiscard]] ReadingRules reading_rules() const { return reading_rules_; }

  // Finds or makes the series, or lets one that has left in again. REQUIRES by the current rules: its names are normal.
  // Error series_limit when series_max count already, names_kept_max(series_max) are known, or the room had
  // limits::kSensorsPerRoomMax sensors; with `of_sensor_max` (0: any number) also when that many series of the sensor
  // count, wherever they are. Error quantity_limit when its quantity would be one more than QuantityLimits allow.
  Result<Found> define(const SeriesKey& key, std::uint32_t of_sensor_max = 0);

  // Fixes the unit of a series' quantity if it has none. Error unit_mismatch when it has another, be it one of the same
  // dimension. What define(key, of_sensor_max) would refuse is refused here too: a quantity of which nothing can be
  // stored is not made.
  Result<void> define_unit(const SeriesKey& key, std::string_view unit, std::uint32_t of_sensor_max = 0);
  // The same of a definition that was accepted once: without bounds.
  Result<void> define_unit(std::string_view quantity, std::string_view unit);

  // The definition log: its length, and the entries [from, to). Entries never change.
  [[nodiscard]] std::uint64_t definitions() const;
  [[nodiscard]] std::vector<Definition> definitions(std::uint64_t from, std::uint64_t to) const;

  // Takes back a definition while recovering. A definition that is already there is passed over.
  // Error journal_damaged when a series' id is not the next one or belongs to another series.
  Result<void> restore(const Definition& definition);

  // All that there ever were: their ids are the numbers below it.
  [[nodiscard]] std::size_t series_count() const;
  [[nodiscard]] std::size_t window_count() const;
  // Those that have not left, as limits count them: a series that a reading is about to reach counts already.
  struct Counted {
    std::size_t series = 0;
    std::size_t windows = 0;
    std::size_t quantities = 0;  // as QuantityLimits::in_all counts them
    bool operator==(const Counted&) const = default;
  };
  [[nodiscard]] Counted counted() const;

  // These have got readings. Any thread.
  void arrived(std::span<const SeriesId> series);
  // Which series of a window have readings, by slot, as a look at them found; those behind the end have none. Who has
  // none has left, unless a reading may be on its way to it; see below. Appends those to `left` that leave now: who
  // finds that one of them has got a reading meanwhile says arrived(). One thread at a time.
  enum class Arrivals : std::uint8_t {
    wait,   // for whoever is on the way
    older,  // of them, who was on the way at the look like this one before has left
    over,   // nobody is on the way
  };
  void note(WindowId id, const std::vector<bool>& has_readings, Arrivals arrivals, std::vector<SeriesId>& left);

  [[nodiscard]] SeriesInfo series(SeriesId id) const;
  [[nodiscard]] Place place(SeriesId id) const;
  // Fills in the places of `rows`. Returns the first series that is not known, if there is one.
  std::optional<SeriesId> set_places(ReadingColumns& rows) const;
  [[nodiscard]] WindowInfo window(WindowId id) const;
  [[nodiscard]] std::string unit(std::string_view quantity) const;  // empty until a reading names one

  // The window of a room's quantity; nullopt when no reading of it was seen.
  [[nodiscard]] std::optional<WindowId> find_window(std::string_view building, std::string_view room,
                                                    std::string_view quantity) const;
  [[nodiscard]] bool room_known(std::string_view building, std::string_view room) const;
  // The series of a window, by slot.
  [[nodiscard]] std::vector<SeriesInfo> window_series(WindowId id) const;
  [[nodiscard]] std::optional<SeriesInfo> find_sensor(WindowId id, std::string_view sensor) const;

  // The windows of a room, in order of first sight; empty when the room is unknown.
  [[nodiscard]] std::vector<WindowId> room_windows(std::string_view building, std::string_view room) const;

  // Rooms in order of (building, room); new ones are sorted first, which keeps nobody waiting who does not list them.
  // After `after` (exclusive; empty pair: from the first), at most `limit`.
  struct Room {
    std::string building;
    std::string room;
    std::vector<WindowId> windows;
    bool operator==(const Room&) const = default;
  };
  [[nodiscard]] std::vector<Room> rooms(std::optional<std::string_view> building,
                                        std::pair<std::string_view, std::string_view> after, std::size_t limit) const;

 private:
  struct Tables;
  friend class Reader;

  void sort_rooms() const;

  const ReadingRules reading_rules_;
  mutable std::mutex listing_mutex_;  // who lists rooms waits for others who do; taken before mutex_
  mutable std::shared_mutex mutex_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace temperature::catalogue
