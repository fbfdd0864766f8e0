#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/printable.h"
#include "client/bounds.h"

namespace temperature::client {

// As temperature::printable(), with the bound of what a client shows.
inline std::string printable(std::string_view text, std::size_t bytes_max = kShownBytesMax) {
  return temperature::printable(text, bytes_max);
}

using temperature::printable_json;

}  // namespace temperature::client
