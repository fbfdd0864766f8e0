#pragma once

#include <string>
#include <string_view>

#include "client/export.h"

namespace temperature::client {

// What all rows of a stream have in common.
struct ExportedWindow {
  std::string building;
  std::string room;
  std::string quantity;
  std::string unit;  // may be empty
};

// The first line of a file; empty for NDJSON.
std::string_view export_header(ExportFormat format);

// Appends a reading as a line. `value` as the service wrote it.
void append_exported(std::string& out, ExportFormat format, const ExportedWindow& window, std::string_view sensor,
                     std::string_view timestamp, double value);

}  // namespace temperature::client
