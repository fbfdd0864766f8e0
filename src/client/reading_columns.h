#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "client/outgoing_reading.h"

namespace temperature::client {

// Which column of a file holds what, by the names in its header, in any order:
// timestamp, room_id, sensor_id, value; where there are, building_id, quantity and unit
// ("room", "sensor" and "building" do as well). Other columns are left alone.
class ReadingColumns {
 public:
  // An error names every column that is missing, or one that is there twice.
  static Result<ReadingColumns> from_header(std::span<const std::string_view> header);

  // The reading in a row's fields, or why it is none. The views are the fields' own.
  [[nodiscard]] std::expected<OutgoingReading, std::string> read(std::span<const std::string_view> fields) const;

 private:
  std::size_t columns_ = 0;
  std::size_t timestamp_ = 0;
  std::size_t room_ = 0;
  std::size_t sensor_ = 0;
  std::size_t value_ = 0;
  std::optional<std::size_t> building_;
  std::optional<std::size_t> quantity_;
  std::optional<std::size_t> unit_;
};

}  // namespace temperature::client
