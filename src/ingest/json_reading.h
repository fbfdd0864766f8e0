#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/json_cursor.h"
#include "ingest/raw_reading.h"

namespace temperature::ingest {

// Reads JSON objects as readings. Guesses that the fields come in the order of the object before:
// a guess that holds costs one comparison of 16 bytes. Not thread-safe.
class JsonReadingReader {
 public:
  JsonReadingReader();

  // Reads the value at the cursor, which stands in `depth` arrays, and passes it: adds to `parsed` a
  // reading, or a rejection if it is no object or no reading. False when it is no JSON: then the
  // cursor has the failure, and nothing was added.
  bool read(JsonCursor& cursor, int depth, std::uint32_t index, Parsed& parsed);

 private:
  enum class Field : std::uint8_t { building, room, sensor, quantity, unit, timestamp, value, unknown };
  using FieldSet = std::uint32_t;
  struct Fault;
  struct Draft;
  static constexpr std::size_t kPlaces = 16;  // of an object's fields whose order is remembered

  static constexpr FieldSet set_of(Field field);
  static std::string_view name_of(Field field);
  static Error error_of(const Fault& fault);
  static bool guess_holds(const JsonCursor& cursor, Field field);
  static bool take_value(JsonCursor& cursor, Field field, Draft& draft);
  static bool take_text(JsonCursor& cursor, Field field, Draft& draft);
  static bool take_number(JsonCursor& cursor, Draft& draft);
  static bool take_timestamp(JsonCursor& cursor, Draft& draft);
  static bool take_moment(JsonCursor& cursor, Draft& draft);
  static bool take_other(JsonCursor& cursor, Field field, Draft& draft);
  bool read_fields(JsonCursor& cursor, Draft& draft);
  bool take_key(JsonCursor& cursor, std::size_t place, Field& field);
  bool look_up_key(JsonCursor& cursor, std::size_t place, Field& field);

  std::array<Field, kPlaces> order_;
};

}  // namespace temperature::ingest
