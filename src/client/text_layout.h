#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/time_zone.h"

namespace temperature::client {

// Which moment a local time is where clocks were put back, and two have it.
enum class Ambiguous : std::uint8_t {
  refuse,
  earlier,
  later,
  increasing,  // the order of the rows tells, see RepeatedHours
};

// What a text file of readings is like where it is not like our own: what the flags of `import` say. As it is made it
// says nothing.
struct TextLayout {
  // "temperature=Temp, °C": what a column is to us, and the text of its header, that text's beginning, or its number
  // from 1 on.
  struct Column {
    std::string name;  // timestamp, date, time, room, sensor, building, quantity, unit, value; or a quantity
    std::string column;
  };
  struct Unit {
    std::string quantity;  // empty: of the file's only quantity
    std::string unit;
  };

  std::string encoding;  // empty: a byte order mark decides
  char delimiter = ',';
  bool decimal_comma = false;
  std::uint64_t skip_rows = 0;  // lines before the header
  std::vector<Column> columns;
  std::string building;  // of readings that name none, and so on
  std::string room;
  std::string sensor;
  std::string quantity;
  std::vector<Unit> units;
  std::string time_format;  // empty: read_plain_time()'s, RFC 3339 and epoch milliseconds
  std::optional<TimeZone> zone;
  Ambiguous ambiguous = Ambiguous::refuse;

  // Whether it says more than an encoding: then the text is CSV.
  [[nodiscard]] bool says_csv() const {
    return delimiter != ',' || decimal_comma || skip_rows > 0 || !columns.empty() || !building.empty() ||
           !room.empty() || !sensor.empty() || !quantity.empty() || !units.empty() || !time_format.empty() || zone;
  }
};

}  // namespace temperature::client
