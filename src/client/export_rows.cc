#include "client/export_rows.h"

#include "base/csv_text.h"
#include "base/json_text.h"

namespace temperature::client {
namespace {

void append_csv(std::string& out, const ExportedWindow& window, std::string_view sensor, std::string_view timestamp,
                double value) {
  out += timestamp;
  for (const std::string_view name : {std::string_view(window.building), std::string_view(window.room), sensor,
                                      std::string_view(window.quantity), std::string_view(window.unit)}) {
    out.push_back(',');
    append_csv_field(out, name);
  }
  out.push_back(',');
  append_json_number(out, value);
  out += "\r\n";
}

void append_json(std::string& out, const ExportedWindow& window, std::string_view sensor, std::string_view timestamp,
                 double value) {
  out += R"({"building":)";
  append_json_string(out, window.building);
  out += R"(,"room":)";
  append_json_string(out, window.room);
  out += R"(,"sensor":)";
  append_json_string(out, sensor);
  out += R"(,"quantity":)";
  append_json_string(out, window.quantity);
  if (!window.unit.empty()) {
    out += R"(,"unit":)";
    append_json_string(out, window.unit);
  }
  out += R"(,"timestamp":)";
  append_json_string(out, timestamp);
  out += R"(,"value":)";
  append_json_number(out, value);
  out += "}\n";
}

}  // namespace

std::string_view export_header(ExportFormat format) {
  return format == ExportFormat::csv ? "timestamp,building,room_id,sensor_id,quantity,unit,value\r\n" : "";
}

void append_exported(std::string& out, ExportFormat format, const ExportedWindow& window, std::string_view sensor,
                     std::string_view timestamp, double value) {
  if (format == ExportFormat::csv) {
    append_csv(out, window, sensor, timestamp, value);
  } else {
    append_json(out, window, sensor, timestamp, value);
  }
}

}  // namespace temperature::client
