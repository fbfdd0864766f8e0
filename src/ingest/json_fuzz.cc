#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/time.h"
#include "ingest/json.h"
#include "ingest/json_tokens.h"
#include "model/batch_limits.h"

// The parser against simdjson's DOM parser: both must agree which texts are JSON, and every reading
// must be what a plain walk over the DOM makes of it. The first byte chooses one body or lines.
namespace temperature::ingest {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t kDomDepthMax = 2048;

// What is to become of a reading. `codes` are those it may be rejected with; none: it must be read.
struct Expected {
  std::set<ErrorCode> codes;
  std::map<std::string, std::string> texts;
  std::optional<std::int64_t> timestamp_ms;
  bool timestamp_known = true;
  double value = 0;
};

int depth_of(const element& value) {
  int deepest = 0;
  if (value.is_array()) {
    for (const element child : simdjson::dom::array(value)) deepest = std::max(deepest, depth_of(child));
  } else if (value.is_object()) {
    for (const auto field : simdjson::dom::object(value)) deepest = std::max(deepest, depth_of(field.value));
  } else {
    return 0;
  }
  return deepest + 1;
}

// simdjson refuses numbers that no double or 64-bit integer holds. Only these texts have one.
bool may_have_huge_number(std::string_view text) {
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    run = digit ? run + 1 : 0;
    if (run >= 19) return true;
    if (text[i] != 'e' && text[i] != 'E') continue;
    std::size_t first = i + 1;
    if (first < text.size() && (text[first] == '+' || text[first] == '-')) ++first;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", first), text.size());
    if (end >= first + 3) return true;
  }
  return false;
}

void expect_timestamp(const element& value, Expected& expected) {
  if (value.type() == element_type::INT64) {
    expected.timestamp_ms = std::int64_t(value);
  } else if (value.type() == element_type::UINT64) {
    expected.codes.insert(ErrorCode::timestamp_invalid);
  } else if (value.is_string()) {
    const auto moment = parse_rfc3339(std::string_view(value));
    if (moment) expected.timestamp_ms = to_ms(*moment);
    if (!moment) expected.codes.insert(ErrorCode::timestamp_invalid);
  } else if (value.type() == element_type::DOUBLE) {
    expected.timestamp_known = false;  // whether it is whole to the last digit, a double cannot say
  } else {
    expected.codes.insert(ErrorCode::field_type);
  }
}

void expect_field(std::string_view key, const element& value, Expected& expected) {
  if (key == "timestamp") return expect_timestamp(value, expected);
  if (key == "value") {
    if (value.is_number()) expected.value = double(value);
    if (!value.is_number()) expected.codes.insert(ErrorCode::field_type);
    return;
  }
  if (value.is_string()) expected.texts[std::string(key)] = std::string_view(value);
  if (!value.is_string()) expected.codes.insert(ErrorCode::field_type);
}

Expected expect_reading(const element& value) {
  Expected expected;
  if (!value.is_object()) {
    expected.codes.insert(ErrorCode::field_type);
    return expected;
  }
  const std::set<std::string_view> known{"building", "room", "sensor", "quantity", "timestamp", "value", "unit"};
  std::set<std::string> seen;
  std::set<std::string> given;
  for (const auto field : simdjson::dom::object(value)) {
    if (!known.contains(field.key)) continue;
    if (!seen.insert(std::string(field.key)).second) expected.codes.insert(ErrorCode::field_repeated);
    if (field.value.is_null()) continue;
    given.insert(std::string(field.key));
    expect_field(field.key, field.value, expected);
  }
  for (const char* required : {"room", "sensor", "value"}) {
    if (!given.contains(required)) expected.codes.insert(ErrorCode::field_missing);
  }
  return expected;
}

// Every reading is in `parsed` once, in order, as it is expected to be.
void compare(const std::vector<Expected>& expected, const Parsed& parsed) {
  CHECK(parsed.readings.size() + parsed.rejected_count == expected.size());
  CHECK(parsed.rejected.size() == std::min<std::uint64_t>(parsed.rejected_count, limits::kDetailsListedMax));
  std::vector<bool> found(expected.size());
  for (const RawReading& raw : parsed.readings) {
    CHECK(raw.index < expected.size() && !found[raw.index]);
    found[raw.index] = true;
    const Expected& want = expected[raw.index];
    CHECK(want.codes.empty());
    auto texts = want.texts;
    CHECK(raw.building == texts["building"] && raw.room == texts["room"] && raw.sensor == texts["sensor"]);
    CHECK(raw.quantity == texts["quantity"] && raw.unit == texts["unit"]);
    CHECK(raw.value == want.value);  // the DOM has no -0
    CHECK(!want.timestamp_known || raw.timestamp_ms == want.timestamp_ms);
  }
  for (const Rejected& rejected : parsed.rejected) {
    CHECK(rejected.index < expected.size() && !found[rejected.index]);
    found[rejected.index] = true;
    const Expected& want = expected[rejected.index];
    const bool timestamp = !want.timestamp_known && (rejected.error.code == ErrorCode::field_type ||
                                                     rejected.error.code == ErrorCode::timestamp_invalid);
    CHECK(timestamp || want.codes.contains(rejected.error.code));
    CHECK(!rejected.error.detail.empty() && simdjson::validate_utf8(rejected.error.detail));
  }
}

// What the DOM parser says about one text.
enum class Verdict : std::uint8_t { json, broken, huge_number };

Verdict judge(simdjson::dom::parser& dom, const std::string& text, element& root) {
  const auto error = dom.parse(simdjson::padded_string(text)).get(root);
  if (error == simdjson::SUCCESS) return depth_of(root) <= limits::kJsonDepthMax ? Verdict::json : Verdict::broken;
  return may_have_huge_number(text) ? Verdict::huge_number : Verdict::broken;
}

void fuzz_body(simdjson::dom::parser& dom, JsonParser& parser, const std::string& text) {
  Parsed parsed;
  std::string body = text;
  const auto read = parser.parse(body, parsed);
  CHECK(body.size() == text.size());
  CHECK(read || (parsed.readings.empty() && parsed.rejected_count == 0));
  CHECK(read || (read.error().code == ErrorCode::malformed_json && !read.error().detail.empty()));
  element root;
  const Verdict verdict = judge(dom, text, root);
  if (verdict == Verdict::huge_number) return;
  CHECK(read.has_value() == (verdict == Verdict::json));
  if (!read) return;
  std::vector<Expected> expected;
  if (root.is_array()) {
    for (const element value : simdjson::dom::array(root)) expected.push_back(expect_reading(value));
  } else {
    expected.push_back(expect_reading(root));
  }
  compare(expected, parsed);
}

void fuzz_lines(simdjson::dom::parser& dom, JsonParser& parser, const std::string& text) {
  Parsed parsed;
  std::string body = text;
  CHECK(parser.parse_lines(body, parsed).has_value());
  CHECK(body.size() == text.size());
  std::vector<Expected> expected;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    element root;
    const Verdict verdict = judge(dom, line, root);
    if (verdict == Verdict::huge_number) return;
    expected.push_back(verdict == Verdict::json ? expect_reading(root) : Expected());
    if (verdict == Verdict::broken) expected.back().codes.insert(ErrorCode::malformed_json);
  }
  compare(expected, parsed);
}

}  // namespace
}  // namespace temperature::ingest

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  using namespace temperature::ingest;
  static simdjson::dom::parser dom;
  static JsonParser parser;
  if (dom.max_depth() != kDomDepthMax) CHECK(dom.allocate(1U << 16U, kDomDepthMax) == simdjson::SUCCESS);
  if (count == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(bytes) + 1, count - 1);
  if (bytes[0] % 2 == 0)
    fuzz_body(dom, parser, text);
  else
    fuzz_lines(dom, parser, text);
  return 0;
}
