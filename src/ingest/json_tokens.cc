#include "ingest/json_tokens.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>

#include "base/limits.h"

namespace temperature::ingest {
namespace {

constexpr std::size_t kCapacityBytesMin = 16 * limits::kKiB;

Error error_of(simdjson::error_code code) {
  switch (code) {
    case simdjson::EMPTY:
      return {ErrorCode::malformed_json, "there is no JSON in it"};
    case simdjson::UTF8_ERROR:
      return {ErrorCode::malformed_json, "it is not valid UTF-8"};
    case simdjson::UNCLOSED_STRING:
      return {ErrorCode::malformed_json, "a string does not end"};
    case simdjson::UNESCAPED_CHARS:
      return {ErrorCode::malformed_json, "a string holds a control character"};
    case simdjson::MEMALLOC:
      return {ErrorCode::overloaded, "there is no memory to read the JSON with"};
    default:
      return {ErrorCode::malformed_json, simdjson::error_message(code)};
  }
}

}  // namespace

struct JsonTokens::Stage {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> implementation;
};

JsonTokens::JsonTokens() : stage_(std::make_unique<Stage>()) {}
JsonTokens::~JsonTokens() = default;

Result<std::span<std::uint32_t>> JsonTokens::find(std::string_view text) {
  if (text.empty()) return std::unexpected(error_of(simdjson::EMPTY));
  auto& implementation = stage_->implementation;
  // One large body must not hold its memory for ever: four bytes a byte of it.
  const bool oversized = implementation && implementation->capacity() > limits::kParserRetainedBytesMax &&
                         text.size() <= limits::kParserRetainedBytesMax;
  if (oversized) implementation.reset();
  if (!implementation || implementation->capacity() < text.size()) {
    const std::size_t capacity = std::bit_ceil(std::max(text.size(), kCapacityBytesMin));
    implementation.reset();
    const auto made = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity, static_cast<std::size_t>(limits::kJsonDepthMax), implementation);
    if (made != simdjson::SUCCESS) {
      implementation.reset();
      return std::unexpected(error_of(made));
    }
  }
  const auto code = implementation->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                           simdjson::stage1_mode::regular);
  if (code != simdjson::SUCCESS) return std::unexpected(error_of(code));
  const std::size_t count = implementation->n_structural_indexes;
  implementation->structural_indexes[count] = static_cast<std::uint32_t>(text.size());
  return std::span(implementation->structural_indexes.get(), count + 1);
}

}  // namespace temperature::ingest
