#include "client/batch.h"

#include <cmath>
#include <string_view>

#include "base/check.h"
#include "base/json_text.h"

namespace temperature::client {
namespace {

void append_name(std::string& out, std::string_view key, std::string_view name) {
  if (name.empty()) return;
  out += key;
  append_json_string(out, name);
}

}  // namespace

void Batch::add(const OutgoingReading& reading, std::uint64_t origin) {
  CHECK(std::isfinite(reading.value));
  json_.back() = ',';
  if (empty()) json_ = "[";
  json_ += R"({"room":)";
  append_json_string(json_, reading.room);
  json_ += R"(,"sensor":)";
  append_json_string(json_, reading.sensor);
  append_name(json_, R"(,"building":)", reading.building);
  append_name(json_, R"(,"quantity":)", reading.quantity);
  append_name(json_, R"(,"unit":)", reading.unit);
  json_ += R"(,"timestamp":)";
  append_json_number(json_, to_ms(reading.timestamp));
  json_ += R"(,"value":)";
  append_json_number(json_, reading.value);
  json_ += "}]";
  origins_.push_back(origin);
}

}  // namespace temperature::client
