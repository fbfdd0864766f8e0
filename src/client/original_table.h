#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "client/outgoing_reading.h"
#include "postgres/connection.h"

namespace temperature::client {

// The table of the original service in its database: temperature_readings(building_id, room_id, sensor_id, temperature,
// reading_time). Ids may be numbers or text; a time without a zone is UTC. One thread; the connection outlives it.
class OriginalTable {
 public:
  // `name` may have its schema before it; without one it is searched for. Error startup: there is none, or more than
  // one; a column is missing, or of a type that none can be; the database does not let us read.
  static Result<OriginalTable> find(postgres::Connection& connection, const std::string& name);

  // A row's columns, as far as they say something. Views for the call alone.
  struct Row {
    std::optional<std::string_view> building;
    std::optional<std::string_view> room;
    std::optional<std::string_view> sensor;
    std::optional<double> temperature;
    std::optional<Timestamp> time;  // to the millisecond; kTimestampMax is infinity, kTimestampMin -infinity
  };
  // What a row says, or why it is no reading: "temperature is NULL", "reading_time is infinity".
  static std::expected<OutgoingReading, std::string> reading_of(const Row& row);

  // The earliest and the latest time; nullopt: the table has no row. Error startup.
  struct Span {
    Timestamp earliest;
    Timestamp latest;
  };
  Result<std::optional<Span>> span();

  // All rows with from <= time < to in order of time, those without one last; rows of one time in the order of the
  // column `id`, where there is one, else as they stand in a plain table. `take` returns false to have no more. Error
  // startup: the connection failed.
  Result<void> read(std::optional<Timestamp> from, std::optional<Timestamp> to,
                    const std::function<bool(const Row&)>& take);

  // "public.temperature_readings", as SQL has it.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  explicit OriginalTable(postgres::Connection& connection) : connection_(&connection) {}
  Result<void> find_name(const std::string& name);
  Result<void> find_columns();
  [[nodiscard]] std::string condition(std::optional<Timestamp> from, std::optional<Timestamp> to) const;

  postgres::Connection* connection_;
  std::int64_t number_ = 0;  // the database's, of the table
  std::string name_;
  std::string temperature_;  // an expression of type float8
  std::string time_;         // one of type timestamptz
  bool zoned_ = false;       // the column is
  bool timeless_ = false;    // rows may have no time
  std::string order_;        // of rows of one time: ", id"
};

}  // namespace temperature::client
