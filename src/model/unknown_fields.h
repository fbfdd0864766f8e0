#pragma once

#include <cstdint>

namespace temperature {

// What is done with a field of a reading whose name is not known.
enum class UnknownFields : std::uint8_t {
  ignore,  // the reading is taken without it
  refuse,  // the reading is refused
};

}  // namespace temperature
