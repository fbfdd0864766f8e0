#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"

// What the service answers about rooms, read from its JSON. Error of all: malformed_body, it is something else.
namespace temperature::client {

// The newest reading.
struct LatestReading {
  Timestamp timestamp;
  double value = 0;
  Duration age{0};
};

// A quantity of a room, in the list of rooms.
struct RoomQuantity {
  std::string quantity;
  std::string unit;  // may be empty
  std::uint64_t sensors = 0;
  std::uint64_t count = 0;  // readings of the last 15 minutes
  std::optional<double> average;
  std::optional<LatestReading> latest;
};

struct ListedRoom {
  std::string building;
  std::string room;
  std::vector<RoomQuantity> quantities;
};

Result<ListedRoom> read_room(simdjson::dom::element json);

struct AverageAnswer {
  std::string building;
  std::string room;
  std::string sensor;  // empty: all
  std::string quantity;
  std::string unit;
  std::uint64_t count = 0;
  std::uint64_t sensors = 0;
  // There when count > 0:
  std::optional<double> value;
  std::optional<double> min;
  std::optional<double> max;
  std::optional<Timestamp> last;
  Duration window{0};
  Timestamp end;
  std::optional<LatestReading> latest;  // may be there when count == 0
  std::string detail;                   // why there is nothing, when the service says so
};

Result<AverageAnswer> read_average(simdjson::dom::object json);

struct HistoryRow {
  Timestamp start;
  std::string room;
  std::uint64_t count = 0;
  std::optional<double> mean;
  std::optional<double> min;
  std::optional<double> max;
};

Result<HistoryRow> read_history_row(simdjson::dom::element json);

// What all rows of a page have in common.
struct HistoryFrame {
  std::string building;
  std::string quantity;
  std::string unit;
  Duration step{0};
  Timestamp from;
  Timestamp to;
  std::string detail;
};

Result<HistoryFrame> read_history_frame(simdjson::dom::object json);

}  // namespace temperature::client
