#include "answer/render_parts.h"

#include "base/json_text.h"

namespace temperature::answer {

void append_moment(std::string& out, Timestamp moment) {
  out.push_back('"');
  append_timestamp(out, moment);
  out.push_back('"');
}

void append_unit(std::string& out, const std::string& unit) {
  if (unit.empty()) {
    out += "null";
  } else {
    append_json_string(out, unit);
  }
}

void append_detail(std::string& out, const std::string& detail) {
  if (detail.empty()) return;
  out += R"(,"detail":)";
  append_json_string(out, detail);
}

void append_next(std::string& out, const std::string& next) {
  out += R"(,"next":)";
  if (next.empty()) {
    out += "null";
  } else {
    append_json_string(out, next);
  }
  out.push_back('}');
}

}  // namespace temperature::answer
