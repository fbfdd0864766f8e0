#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "model/reading.h"

namespace temperature::accept {

// Whether a name may be kept: 1 to `bytes_max` bytes of valid UTF-8 without control characters. `field` is what the
// error calls it. Error: id_invalid.
Result<void> check_name(std::string_view field, std::string_view name, std::size_t bytes_max);

// All four names of a series. Error: id_invalid.
Result<void> check_names(const SeriesKey& key);

}  // namespace temperature::accept
