#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "ingest/field_names.h"

namespace temperature::ingest {

// The first thing wrong with a reading of JSON. The views point into the body.
struct JsonFault {
  enum class Found : std::uint8_t { words, text };  // of what stands there: what it is ("an array"), or its own text

  ErrorCode code = ErrorCode::field_type;
  Field field = Field::unknown;
  std::string_view found;
  Found shown = Found::words;
  std::string_view name;        // as it was sent, where that is not the field's own name
  std::string_view other_name;  // field_repeated: of the value that differs
};

// The error for whoever sent it: names the field, what stands there, and what is wanted.
Error error_of(const JsonFault& fault);

// What a value is, by its first byte: "a string".
std::string_view kind_of_json(char first);

}  // namespace temperature::ingest
