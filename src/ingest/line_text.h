#pragma once

#include <string>
#include <string_view>

#include "ingest/line_protocol.h"

// What a reader finds in a body, on one line: shared by the tests of line protocol.
namespace temperature::ingest {

// "measurement{tag=value,...} field=number other=text third=boolean @timestamp", names unescaped; or the fault.
inline std::string text_of(const LinePoint& point) {
  LineSeries series;
  if (const LineFault fault = series.read(point.series); fault != LineFault::none) return std::string(text_of(fault));
  std::string text = unescape_line_name(series.measurement(), LineName::measurement) + "{";
  for (const auto& [key, value] : series.tags()) {
    if (text.back() != '{') text += ",";
    text += unescape_line_name(key, LineName::key_or_value) + "=" + unescape_line_name(value, LineName::key_or_value);
  }
  text += "}";
  for (const LineField& field : point.fields) {
    std::string value = field.kind == LineField::Kind::text         ? "text"
                        : field.kind == LineField::Kind::bad_number ? "bad"
                                                                    : "boolean";
    if (field.kind == LineField::Kind::number) {
      value = std::to_string(field.number);
      value.erase(value.find_last_not_of('0') + 1);
      if (value.ends_with('.')) value.pop_back();
    }
    text += " " + unescape_line_name(field.key, LineName::key_or_value) + "=" + value;
  }
  if (point.timestamp) text += " @" + std::to_string(*point.timestamp);
  return text;
}

// All of a body: what each line became, with "; " between.
inline std::string outcome_of(std::string_view body, bool with_lines = false) {
  LineReader reader(body);
  LinePoint point;
  std::string text;
  for (auto found = reader.next(point); found != LineReader::Found::end; found = reader.next(point)) {
    if (!text.empty()) text += "; ";
    if (with_lines) text += std::to_string(point.line) + ": ";
    text += found == LineReader::Found::point ? text_of(point) : std::string(text_of(reader.fault()));
  }
  return text;
}

}  // namespace temperature::ingest
