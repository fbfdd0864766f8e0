#pragma once

#include <string>
#include <string_view>

namespace temperature {

// A field of CSV (RFC 4180), in quotes where it needs them.
void append_csv_field(std::string& out, std::string_view text);

}  // namespace temperature
