#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "ingest/field_names.h"
#include "ingest/json_cursor.h"
#include "ingest/json_fault.h"
#include "ingest/raw_reading.h"
#include "model/unknown_fields.h"

namespace temperature::ingest {

// Reads JSON objects as readings. Guesses that the fields come in the order of the object before, under the same names,
// whichever they are: a guess that holds costs one comparison of 16 bytes. Not thread-safe.
class JsonReadingReader {
 public:
  explicit JsonReadingReader(UnknownFields unknown_fields = UnknownFields::ignore);

  // Reads the value at the cursor, which stands in `depth` arrays, and passes it: adds to `parsed` a
  // reading, or a rejection if it is no object or no reading. False when it is no JSON: then the
  // cursor has the failure, and nothing was added.
  bool read(JsonCursor& cursor, int depth, std::uint32_t index, Parsed& parsed);

 private:
  using FieldSet = std::uint32_t;
  struct Draft;
  static constexpr std::size_t kPlaces = 16;  // of an object's fields whose order is remembered

  using Words = std::array<std::uint64_t, 2>;
  static constexpr std::size_t kGuessedBytesMax = sizeof(Words) - 2;  // of a name, with its quote and colon behind it

  // A field that is expected: how its key looks, `room":` and any ten bytes after it. A longer name is only remembered.
  struct Guess {
    Words bytes{1, 1};  // matches nothing
    Words mask{0, 0};
    NamedField field;
    std::uint8_t name_bytes = 0;
    std::array<char, kFieldNameBytesMax> name{};

    void remember(std::string_view its_name, NamedField its_field);
    [[nodiscard]] bool is(std::string_view other) const {
      return other.size() == name_bytes && name_bytes != 0 && std::memcmp(name.data(), other.data(), name_bytes) == 0;
    }
  };

  static constexpr FieldSet set_of(Field field);
  static bool guess_holds(const JsonCursor& cursor, const Guess& guess);
  static bool take_typed(JsonCursor& cursor, Field field, Draft& draft);
  static bool take_text(JsonCursor& cursor, Field field, Draft& draft);
  static bool take_number(JsonCursor& cursor, Draft& draft);
  static bool take_number_text(JsonCursor& cursor, Draft& draft);
  static bool take_timestamp(JsonCursor& cursor, Draft& draft);
  static bool take_moment(JsonCursor& cursor, Draft& draft);
  static bool take_other(JsonCursor& cursor, Field field, Draft& draft);
  static bool refuse_not_finite(JsonCursor& cursor, Field field, Draft& draft);
  bool read_fields(JsonCursor& cursor, Draft& draft);
  bool take_key(JsonCursor& cursor, std::size_t place, NamedField& named);
  bool look_up_key(JsonCursor& cursor, std::size_t place, NamedField& named);
  bool take_value(JsonCursor& cursor, NamedField named, Draft& draft);
  bool take_variant(JsonCursor& cursor, NamedField named, Draft& draft);
  bool take_kind(JsonCursor& cursor, Draft& draft);
  bool take_untaken(JsonCursor& cursor, Field field, Draft& draft);
  bool take_unknown(JsonCursor& cursor, Draft& draft) const;
  void settle_variants(Draft& draft) const;

  // What a field's other names have given, while the draft's sets have the field.
  struct Variant {
    Spelling spelling = Spelling::unknown;
    std::string_view name;
    JsonFault fault;
    std::string_view untaken;  // the name of one that is not taken
  };

  UnknownFields unknown_fields_;
  std::array<Guess, kPlaces> order_;
  std::array<Variant, kFields> variants_;
};

}  // namespace temperature::ingest
