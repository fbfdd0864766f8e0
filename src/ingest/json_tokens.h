#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"

namespace temperature::limits {

// Arrays and objects of a JSON body within each other; a body with more is refused (malformed_json).
inline constexpr int kJsonDepthMax = 32;

}  // namespace temperature::limits

namespace temperature::ingest {

// Finds where the tokens of a JSON text begin: every bracket, colon and comma, and the first byte of
// every string, number and literal. This is simdjson's first stage (Langdale and Lemire, "Parsing
// gigabytes of JSON per second", VLDB Journal 2019), for the CPU that it runs on. Not thread-safe.
class JsonTokens {
 public:
  JsonTokens();
  ~JsonTokens();
  JsonTokens(const JsonTokens&) = delete;
  JsonTokens& operator=(const JsonTokens&) = delete;

  // The offsets of the tokens in order, then text.size() as a last entry. Valid until the next call.
  // Error malformed_json when the text has no token, is not UTF-8, or has a string that does not end
  // or holds a control character. Between two tokens there is nothing but whitespace.
  Result<std::span<std::uint32_t>> find(std::string_view text);

 private:
  struct Stage;
  std::unique_ptr<Stage> stage_;
};

}  // namespace temperature::ingest
