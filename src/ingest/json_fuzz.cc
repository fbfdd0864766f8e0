#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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
constexpr std::size_t kNumberBytesMax = 1'000;

// What is to become of a reading. `codes` are those it may be rejected with; none: it must be read.
struct Expected {
  std::set<ErrorCode> codes;
  std::map<std::string, std::string> texts;
  std::optional<std::int64_t> timestamp_ms;
  bool timestamp_known = true;
  bool unsure = false;  // whether it is read, the reference cannot say
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

// Stands in the DOM's text for a word that is no finite number.
constexpr std::string_view kNotFinite = "\x01 not finite";

bool is_word_not_finite(const element& value) {
  return value.is_string() && std::string_view(value) == kNotFinite;
}

// The text with a string in place of each such word outside of strings; where the body is no array they are no JSON.
std::string without_words(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] != '[') return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (text[at] == '"') {
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
    } else if (std::string_view(" \t\r\n{}[]:,").find(text[at]) == std::string_view::npos) {
      end = std::min(text.find_first_of(" \t\r\n{}[]:,\"", at), text.size());
    }
    const std::string word = text.substr(at, end - at);
    static const std::regex not_finite("[+-]?(nan|inf|infinity)", std::regex::icase);
    out += std::regex_match(word, not_finite) ? "\"\\u0001 not finite\"" : word;
    at = end;
  }
  return out;
}

std::string without_blanks_around(std::string text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

void expect_timestamp(const element& value, Expected& expected) {
  if (value.type() == element_type::INT64) {
    expected.timestamp_ms = std::int64_t(value);
  } else if (value.type() == element_type::UINT64) {
    expected.codes.insert(ErrorCode::timestamp_invalid);
  } else if (value.is_string() && !is_word_not_finite(value)) {
    const auto moment = parse_rfc3339(without_blanks_around(std::string(std::string_view(value))));
    if (moment) expected.timestamp_ms = to_ms(*moment);
    if (!moment) expected.codes.insert(ErrorCode::timestamp_invalid);
  } else if (value.type() == element_type::DOUBLE) {
    expected.timestamp_known = false;  // whether it is whole to the last digit, a double cannot say
  } else {
    expected.codes.insert(ErrorCode::field_type);
  }
}

void expect_value(const element& value, Expected& expected) {
  if (value.is_number()) {
    expected.value = double(value);
  } else if (is_word_not_finite(value)) {
    expected.codes.insert(ErrorCode::value_invalid);
  } else if (value.is_string()) {
    const std::string text = without_blanks_around(std::string(std::string_view(value)));
    static const std::regex number(R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)");
    if (text.size() > kNumberBytesMax || !std::regex_match(text, number)) {
      expected.codes.insert(ErrorCode::field_type);
      if (text.size() > kNumberBytesMax) expected.unsure = true;  // the regular expression would recurse
      return;
    }
    expected.value = std::strtod(text.c_str(), nullptr);
    if (std::isinf(expected.value)) expected.codes.insert(ErrorCode::value_invalid);
  } else {
    expected.codes.insert(ErrorCode::field_type);
  }
}

// What one name gives its field.
Expected expect_field(NamedField named, const element& value) {
  Expected expected;
  const std::string field(name_of(named.field));
  if (named.field == Field::timestamp) {
    expect_timestamp(value, expected);
  } else if (named.field == Field::value) {
    expect_value(value, expected);
  } else if (!value.is_string() || is_word_not_finite(value)) {
    expected.codes.insert(ErrorCode::field_type);
  } else {
    expected.texts[field] = std::string_view(value);
    if (named.spelling == Spelling::kind) expected.texts[field] = *known_quantity(std::string_view(value));
  }
  return expected;
}

void add(const Expected& part, Expected& whole) {
  whole.codes.insert(part.codes.begin(), part.codes.end());
  whole.texts.insert(part.texts.begin(), part.texts.end());
  if (part.timestamp_ms) whole.timestamp_ms = part.timestamp_ms;
  whole.timestamp_known = whole.timestamp_known && part.timestamp_known;
  if (part.value != 0) whole.value = part.value;
  whole.unsure = whole.unsure || part.unsure;
}

using Given = std::vector<std::pair<NamedField, element>>;

// What all names of one field give the reading; false: nothing.
bool expect_names(const Given& names, Expected& expected) {
  std::map<Spelling, std::vector<Expected>> parts;
  std::size_t exact = 0;
  for (const auto& [named, value] : names) {
    if (named.spelling == Spelling::exact && ++exact > 1) expected.codes.insert(ErrorCode::field_repeated);
    if (value.is_null()) continue;
    const bool kind = named.spelling == Spelling::kind;
    if (kind && (!value.is_string() || !known_quantity(std::string_view(value)))) continue;
    if (named.spelling == Spelling::untaken) {
      parts[named.spelling].emplace_back().codes.insert(ErrorCode::field_unknown);
    } else {
      parts[named.spelling].push_back(expect_field(named, value));
    }
  }
  if (parts.empty()) return false;
  const std::vector<Expected>& best = parts.begin()->second;
  for (const Expected& part : best) {
    add(part, expected);
    const Expected& first = best.front();
    expected.unsure = expected.unsure || (best.size() > 1 && !(part.timestamp_known && first.timestamp_known));
    const bool same = part.texts == first.texts && part.timestamp_ms == first.timestamp_ms && part.value == first.value;
    if (!same && parts.begin()->first != Spelling::exact) expected.codes.insert(ErrorCode::field_repeated);
  }
  return parts.begin()->first != Spelling::untaken;
}

Expected expect_reading(const element& value) {
  Expected expected;
  if (!value.is_object()) {
    expected.codes.insert(ErrorCode::field_type);
    return expected;
  }
  std::map<Field, Given> names;
  for (const auto field : simdjson::dom::object(value)) {
    const NamedField named = field_named(field.key);
    if (named.spelling != Spelling::unknown) names[named.field].emplace_back(named, field.value);
  }
  for (std::size_t i = 0; i < kFields; ++i) {
    const auto field = static_cast<Field>(i);
    const bool given = expect_names(names[field], expected);
    const bool required = field == Field::room || field == Field::sensor || field == Field::value;
    if (required && !given) expected.codes.insert(ErrorCode::field_missing);
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
    if (want.unsure) continue;
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
    CHECK(!rejected.error.detail.empty() && simdjson::validate_utf8(rejected.error.detail));
    if (want.unsure) continue;
    const bool timestamp = !want.timestamp_known && (rejected.error.code == ErrorCode::field_type ||
                                                     rejected.error.code == ErrorCode::timestamp_invalid);
    CHECK(timestamp || want.codes.contains(rejected.error.code));
  }
}

// What the DOM parser says about one text.
enum class Verdict : std::uint8_t { json, broken, huge_number };

Verdict judge(simdjson::dom::parser& dom, const std::string& text, element& root) {
  const auto error = dom.parse(simdjson::padded_string(text)).get(root);
  if (error == simdjson::SUCCESS) return depth_of(root) <= limits::kJsonDepthMax ? Verdict::json : Verdict::broken;
  return may_have_huge_number(text) ? Verdict::huge_number : Verdict::broken;
}

std::string with_blank_mark(std::string text) {
  if (text.starts_with("\xef\xbb\xbf")) text.replace(0, 3, "   ");
  return text;
}

void fuzz_body(simdjson::dom::parser& dom, JsonParser& parser, const std::string& text) {
  Parsed parsed;
  std::string body = text;
  const auto read = parser.parse(body, parsed);
  CHECK(body.size() == text.size());
  CHECK(read || (parsed.readings.empty() && parsed.rejected_count == 0));
  CHECK(read || (read.error().code == ErrorCode::malformed_json && !read.error().detail.empty()));
  element root;
  const Verdict verdict = judge(dom, without_words(with_blank_mark(text)), root);
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

void fuzz_lines(simdjson::dom::parser& dom, JsonParser& parser, const std::string& sent) {
  Parsed parsed;
  std::string body = sent;
  const std::string text = with_blank_mark(sent);
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
