#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// The scalars of JSON (RFC 8259) as bytes.
namespace temperature::ingest {

// What stands where a number is expected.
struct JsonNumber {
  enum class Kind : std::uint8_t {
    malformed,
    whole,      // neither fraction nor exponent, and in the range of an int64
    real,       // any other number that a double can hold; nearest double, ties to even
    too_large,  // a number, but beyond the largest double
  };
  Kind kind = Kind::malformed;
  double value = 0;        // whole, real
  std::int64_t whole = 0;  // whole
};

// Whether the text is one of the words that programs write for a number that is not finite, and that JSON does not
// know: NaN, Infinity, inf, in any case, with a sign or without.
bool is_not_finite(std::string_view text);

// Reads a number that fills the text. The byte after the text must be readable and no part of a
// number. A number too small for a double is zero.
JsonNumber read_json_number(std::string_view text);

// A number as a whole one.
struct JsonWhole {
  enum class Kind : std::uint8_t {
    whole,
    fractional,
    too_large,  // whole, but beyond an int64
  };
  Kind kind = Kind::fractional;
  std::int64_t value = 0;  // whole
};

// What a number is as a whole one, to the last digit: "1.6e12" and "5.0" are whole, "1e-400" is not.
// Slow. REQUIRES: read_json_number() finds it well-formed.
JsonWhole read_json_whole(std::string_view number);

// Replaces the escapes of a string, given without its quotes, in place: what it means is never longer
// than what stands there. nullopt on an unknown escape or half a surrogate pair; the bytes may then
// have changed.
std::optional<std::string_view> unescape_json(char* begin, char* end);

}  // namespace temperature::ingest
