#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// How the fields of a reading are spelt, in JSON and CSV. Names are compared without ASCII case and as a whole; what is
// in no table is an unknown field. docs/api.md prints both tables.
namespace temperature {

enum class ReadingField : std::uint8_t { building, room, sensor, quantity, unit, timestamp, value, unknown };
inline constexpr std::size_t kFields = static_cast<std::size_t>(ReadingField::unknown);

// How a name means its field. Of several names for one field in a reading the first kind goes before the others.
enum class FieldSpelling : std::uint8_t {
  exact,    // the field's own name, in lower case
  id,       // room_id
  alias,    // ROOM, roomId
  kind,     // `type`: the quantity, when its value is a known one; else an unknown field
  untaken,  // a word for a time or a unit whose meaning is not sure: whoever says nothing surer is refused
  unknown,
};

struct NamedField {
  ReadingField field = ReadingField::unknown;
  FieldSpelling spelling = FieldSpelling::unknown;
};

// Which field a name means.
NamedField field_named(std::string_view name);

// The field's own name; "" of the unknown one.
std::string_view name_of(ReadingField field);

// The longest name of the tables, in bytes.
inline constexpr std::size_t kFieldNameBytesMax = 24;

// The quantity that the value of a field such as `type` names, without case: one of a published list. nullopt: none.
std::optional<std::string_view> known_quantity(std::string_view text);

}  // namespace temperature
