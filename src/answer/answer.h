#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace temperature::limits {

// Readings of one page; a larger `limit` is refused (parameter_invalid).
inline constexpr std::size_t kPageReadingsMax = 10'000;
// Rooms or sensors of one page; a larger `limit` is refused (parameter_invalid).
inline constexpr std::size_t kPageRoomsMax = 1'000;
// Quantities that a chosen list of rooms names beside its rooms; further ones are left out.
inline constexpr std::size_t kQuantitiesNamedMax = 100;
// How far back an average looks, in minutes, when the question does not say.
inline constexpr Duration kWindowDefault = std::chrono::minutes(15);
// The shortest window of an average, in seconds; a shorter one is refused (parameter_invalid).
inline constexpr Duration kWindowMin = std::chrono::seconds(1);
// The longest window of an average and the longest step of a history, 100 years in hours; a longer one is refused
// (parameter_invalid).
inline constexpr Duration kWindowMax = std::chrono::hours(24 * 366 * 100);

}  // namespace temperature::limits

// What people ask and what they get: plain values. The read path (pipeline/read_path.h) makes
// answers out of queries; render.h writes them as JSON and CSV.
namespace temperature::answer {

// A room's newest reading.
struct Latest {
  Timestamp timestamp;
  double value = 0;
};

struct AverageQuery {
  std::string building;
  std::string room;
  std::optional<std::string> sensor;
  std::string quantity;
  Duration window{};
  Timestamp at;  // the window is at - window < timestamp <= at
};

struct Average {
  std::string unit;
  std::uint64_t count = 0;
  std::uint64_t sensors = 0;  // distinct ones in the window
  // Meaningful when count > 0:
  double value = 0;  // the mean: the exact sum of the readings, divided and rounded once
  double min = 0;
  double max = 0;
  Timestamp first{};
  Timestamp last{};
  // When count == 0: the newest reading at or before `at`, if there is one.
  std::optional<Latest> latest = std::nullopt;
  std::string lacks = {};  // that the room has none of the quantity, and which ones it has; empty: it has
};

// Where a page of readings went on from: readings are ordered by (timestamp, sensor).
struct ReadingsCursor {
  Timestamp timestamp;
  std::string sensor;  // the readings after this one

  [[nodiscard]] std::string encode() const;
  static std::optional<ReadingsCursor> decode(std::string_view text);
};

struct ReadingsQuery {
  std::string building;
  std::string room;
  std::optional<std::string> sensor;
  std::string quantity;
  Timestamp from = kTimestampMin;  // from <= timestamp < to
  Timestamp to = kTimestampMax;
  std::size_t limit = 0;
  std::optional<ReadingsCursor> after;
};

struct ReadingRow {
  std::string_view sensor;  // valid for the catalogue's life
  Timestamp timestamp;
  double value = 0;
};

struct ReadingsPage {
  std::string unit;
  std::size_t series = 0;  // that were asked for readings
  std::vector<ReadingRow> rows;
  std::optional<ReadingsCursor> next;  // absent on the last page
};

enum class RoomOrder : std::uint8_t {
  name,     // by building and room
  stalest,  // rooms without a reading of the last minute first, that with the oldest one at their head; then by name
};

struct RoomsQuery {
  std::optional<std::string> building;
  std::string cursor;  // empty: from the first; as RoomsPage::next gave it
  std::size_t limit = 0;
  Timestamp at;
  std::vector<std::string> visible = {};  // the only buildings that may be seen, sorted; empty: all
  RoomOrder order = RoomOrder::name;
  std::optional<std::string> quantity = std::nullopt;  // the rooms that have it, and nothing else of them
  std::string search = {};                             // in their name or their building's, whatever the case

  // Whether every room has to be looked at.
  [[nodiscard]] bool chooses() const { return order != RoomOrder::name || quantity || !search.empty(); }
};

struct QuantityState {
  std::string quantity;
  std::string unit;
  std::uint64_t sensors = 0;                     // that ever reported it here
  std::uint64_t count = 0;                       // readings of the last 15 minutes
  std::optional<double> average = std::nullopt;  // over them
  std::uint64_t reporting = 0;                   // sensors that they are of
  std::optional<Latest> latest = std::nullopt;
};

struct RoomState {
  std::string building;
  std::string room;
  std::vector<QuantityState> quantities;
};

// What else is learned where every room is looked at.
struct RoomsFound {
  std::uint64_t matching = 0;           // rooms, on all pages
  std::vector<std::string> quantities;  // of the rooms of the building, or of all: the first few by name
};

struct RoomsPage {
  std::vector<RoomState> rooms;
  std::string next;                                // empty on the last page
  std::optional<RoomsFound> found = std::nullopt;  // RoomsQuery::chooses()
};

struct SensorsQuery {
  std::optional<std::string> building;
  std::optional<std::string> room;
  std::string cursor;
  std::size_t limit = 0;
  Timestamp at;
  std::vector<std::string> visible = {};  // as RoomsQuery's
};

struct SensorState {
  std::string building;
  std::string room;
  std::string sensor;
  std::vector<QuantityState> quantities;  // of this sensor alone; `sensors` is 1
};

struct SensorsPage {
  std::vector<SensorState> sensors;
  std::string next;
};

}  // namespace temperature::answer
