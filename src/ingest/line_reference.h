#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Line protocol read slowly and plainly, character by character, with copies of everything: what tests and the fuzz
// target hold the fast reader against. It shares no code with it.
namespace temperature::ingest {

struct ReferencePoint {
  std::uint32_t line = 0;
  bool sound = false;  // the rest is only good if it is
  std::string measurement;
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<std::pair<std::string, std::string>> fields;  // the value as it is written
  std::optional<std::int64_t> timestamp;
};

// Whether a field's value, as it is written, costs only its own reading: a word that stands for no number, or a number
// that is too large.
bool costs_only_itself(const std::string& value);

// Every line of the body that is neither blank nor a comment.
std::vector<ReferencePoint> read_lines_plainly(std::string_view body);

}  // namespace temperature::ingest
