#include "ingest/json_tokens.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <string>

#include "base/sizes.h"

namespace temperature::ingest {
namespace {

constexpr std::size_t kCapacityBytesMin = 16 * limits::kKiB;
// A parser keeps the memory for texts up to this size, four bytes a byte.
constexpr std::size_t kRetainedBytesMax = 4 * limits::kMiB;

// How many bytes the UTF-8 sequence that begins the text has (RFC 3629, section 4); 0 when it is none.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto within = [](unsigned value, unsigned low, unsigned high) { return value >= low && value <= high; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (within(first, 0xc2, 0xdf)) return within(byte(1), 0x80, 0xbf) ? 2 : 0;
  if (within(first, 0xe0, 0xef)) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : 0xbf;
    return within(byte(1), low, high) && within(byte(2), 0x80, 0xbf) ? 3 : 0;
  }
  if (!within(first, 0xf0, 0xf4)) return 0;
  const unsigned low = first == 0xf0 ? 0x90 : 0x80;
  const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
  return within(byte(1), low, high) && within(byte(2), 0x80, 0xbf) && within(byte(3), 0x80, 0xbf) ? 4 : 0;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = utf8_sequence(text.substr(at));
    if (bytes == 0) return at;
    at += bytes;
  }
  return std::nullopt;
}

// Where the string begins that does not end.
std::optional<std::size_t> find_unclosed_string(std::string_view text) {
  std::optional<std::size_t> open;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      open = open ? std::nullopt : std::optional(at);
  }
  return open;
}

std::optional<std::size_t> find_raw_control(std::string_view text) {
  bool open = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (open && static_cast<unsigned char>(text[at]) < 0x20) return at;
    if (text[at] == '"') open = !open;
    // Within a string, what a backslash may not stand before is found here, too.
    if (text[at] == '\\' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0x20) ++at;
  }
  return std::nullopt;
}

Error malformed(std::optional<std::size_t> at, std::string_view what) {
  std::string detail = at ? "at byte " + std::to_string(*at) + ": " : std::string();
  return {ErrorCode::malformed_json, detail.append(what)};
}

// The failure's place is looked for only now: finding tokens does not keep it.
Error error_of(simdjson::error_code code, std::string_view text) {
  switch (code) {
    case simdjson::EMPTY:
      return malformed(std::nullopt, "there is no JSON in it");
    case simdjson::UTF8_ERROR:
      return malformed(find_invalid_utf8(text), "this is not valid UTF-8");
    case simdjson::UNCLOSED_STRING:
      return malformed(find_unclosed_string(text), "this string does not end");
    case simdjson::UNESCAPED_CHARS:
      return malformed(find_raw_control(text), "control characters in a string must be escaped");
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
  if (text.empty()) return std::unexpected(error_of(simdjson::EMPTY, text));
  auto& implementation = stage_->implementation;
  // One large body must not hold its memory for ever: four bytes a byte of it.
  const bool oversized =
      implementation && implementation->capacity() > kRetainedBytesMax && text.size() <= kRetainedBytesMax;
  if (oversized) implementation.reset();
  if (!implementation || implementation->capacity() < text.size()) {
    const std::size_t capacity = std::bit_ceil(std::max(text.size(), kCapacityBytesMin));
    implementation.reset();
    const auto made = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity, static_cast<std::size_t>(limits::kJsonDepthMax), implementation);
    if (made != simdjson::SUCCESS) {
      implementation.reset();
      return std::unexpected(error_of(made, text));
    }
  }
  const auto code = implementation->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                           simdjson::stage1_mode::regular);
  if (code != simdjson::SUCCESS) return std::unexpected(error_of(code, text));
  const std::size_t count = implementation->n_structural_indexes;
  implementation->structural_indexes[count] = static_cast<std::uint32_t>(text.size());
  return std::span(implementation->structural_indexes.get(), count + 1);
}

}  // namespace temperature::ingest
