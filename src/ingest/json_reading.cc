#include "ingest/json_reading.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/time.h"
#include "base/utf8.h"
#include "ingest/json_scalar.h"

namespace temperature::ingest {
namespace {

// What the cursor has passed since it stood at `begin`, without the comma behind it.
std::string_view passed_since(const JsonCursor& cursor, const char* begin) {
  std::string_view text(begin, static_cast<std::size_t>(cursor.begin() - begin));
  while (!text.empty() && (text.back() == ',' || text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

constexpr std::array<std::string_view, 7> kFieldNames{"building", "room",      "sensor", "quantity",
                                                      "unit",     "timestamp", "value"};
constexpr std::array kTexts{&RawReading::building, &RawReading::room, &RawReading::sensor, &RawReading::quantity,
                            &RawReading::unit};
constexpr std::size_t kQuotedBytesMax = 64;  // of a client's text in an error

using Words = std::array<std::uint64_t, 2>;

// How a key looks where its guess holds: `room":` and any ten bytes after it.
struct KeyPattern {
  Words bytes;
  Words mask;
};

consteval KeyPattern pattern_of(std::string_view name) {
  std::array<char, sizeof(Words)> bytes{};
  std::array<unsigned char, sizeof(Words)> mask{};
  std::size_t at = 0;
  for (const char c : name) bytes[at++] = c;
  bytes[at++] = '"';
  bytes[at++] = ':';
  for (std::size_t i = 0; i < at; ++i) mask[i] = 0xff;
  return {std::bit_cast<Words>(bytes), std::bit_cast<Words>(mask)};
}

// The last one, of the unknown field, matches nothing.
constexpr std::array<KeyPattern, 8> kPatterns{
    pattern_of(kFieldNames[0]), pattern_of(kFieldNames[1]), pattern_of(kFieldNames[2]), pattern_of(kFieldNames[3]),
    pattern_of(kFieldNames[4]), pattern_of(kFieldNames[5]), pattern_of(kFieldNames[6]), KeyPattern{{1, 1}, {0, 0}}};

constexpr bool is_number_start(char c) {
  return c == '-' || (c >= '0' && c <= '9');
}

std::string_view kind_of(char first) {
  switch (first) {
    case '"':
      return "a string";
    case '{':
      return "an object";
    case '[':
      return "an array";
    case 't':
    case 'f':
      return "a boolean";
    case 'n':
      return "null";
    default:
      return "a number";
  }
}

// The beginning of a client's text, cut between two characters.
std::string_view quotable(std::string_view text) {
  std::size_t bytes = std::min(text.size(), kQuotedBytesMax);
  while (bytes < text.size() && bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

// The first thing wrong with a reading. `found` is what stands there: its kind for field_type, else its text.
struct JsonReadingReader::Fault {
  ErrorCode code = ErrorCode::field_type;
  Field field = Field::unknown;
  std::string_view found;
};

struct JsonReadingReader::Draft {
  RawReading& reading;
  int depth;           // arrays and objects around the values
  FieldSet seen = 0;   // keys that stand there
  FieldSet given = 0;  // and have a value
  std::optional<Fault> fault;

  void blame(ErrorCode code, Field field, std::string_view found = {}) {
    if (!fault) fault = Fault{code, field, found};
  }
  void require(std::initializer_list<Field> fields) {
    for (const Field field : fields) {
      if ((given & set_of(field)) == 0) blame(ErrorCode::field_missing, field);
    }
  }
};

JsonReadingReader::JsonReadingReader()
    : order_{Field::building, Field::room,    Field::sensor,  Field::quantity, Field::timestamp, Field::value,
             Field::unit,     Field::unknown, Field::unknown, Field::unknown,  Field::unknown,   Field::unknown,
             Field::unknown,  Field::unknown, Field::unknown, Field::unknown} {}

constexpr JsonReadingReader::FieldSet JsonReadingReader::set_of(Field field) {
  return FieldSet{1} << std::to_underlying(field);
}

std::string_view JsonReadingReader::name_of(Field field) {
  return kFieldNames[std::to_underlying(field)];
}

Error JsonReadingReader::error_of(const Fault& fault) {
  std::string detail = "field \"" + std::string(name_of(fault.field)) + "\" ";
  switch (fault.code) {
    case ErrorCode::field_missing:
      return {fault.code, detail + "is missing"};
    case ErrorCode::field_repeated:
      return {fault.code, detail + "stands twice"};
    case ErrorCode::value_invalid:
      return {fault.code, detail.append("is too large for a double: ").append(quotable(fault.found))};
    case ErrorCode::timestamp_invalid:
      detail.append("is no moment that exists, in RFC 3339 or milliseconds since 1970: ");
      return {fault.code, detail.append(quotable(fault.found))};
    default:
      break;
  }
  std::string_view wanted = "a string";
  if (fault.field == Field::value) wanted = "a number";
  if (fault.field == Field::timestamp) wanted = "whole milliseconds since 1970 or an RFC 3339 string";
  return {fault.code, detail.append("must be ").append(wanted).append(", not ").append(quotable(fault.found))};
}

// Where it holds the key has no escapes and its colon follows at once: those bytes are two tokens.
inline bool JsonReadingReader::guess_holds(const JsonCursor& cursor, Field field) {
  Words found;
  if (cursor.bytes_left() <= sizeof(found)) return false;
  std::memcpy(&found, cursor.begin() + 1, sizeof(found));
  const KeyPattern& pattern = kPatterns[std::to_underlying(field)];
  return (((found[0] & pattern.mask[0]) ^ pattern.bytes[0]) | ((found[1] & pattern.mask[1]) ^ pattern.bytes[1])) == 0;
}

[[gnu::always_inline]] inline bool JsonReadingReader::take_key(JsonCursor& cursor, std::size_t place, Field& field) {
  if (place >= kPlaces || !guess_holds(cursor, order_[place])) [[unlikely]]
    return look_up_key(cursor, place, field);
  field = order_[place];
  cursor.advance(2);
  return true;
}

bool JsonReadingReader::look_up_key(JsonCursor& cursor, std::size_t place, Field& field) {
  std::string_view name;
  if (!cursor.take_string(name)) return false;
  if (cursor.first() != ':') return cursor.fail("a colon is expected");
  cursor.advance();
  field = static_cast<Field>(std::find(kFieldNames.begin(), kFieldNames.end(), name) - kFieldNames.begin());
  if (place < kPlaces) order_[place] = field;
  return true;
}

[[gnu::always_inline]] inline bool JsonReadingReader::take_value(JsonCursor& cursor, Field field, Draft& draft) {
  if (field == Field::unknown) return cursor.skip_value(draft.depth);
  if ((draft.seen & set_of(field)) != 0) draft.blame(ErrorCode::field_repeated, field);
  draft.seen |= set_of(field);
  const char first = cursor.first();
  if (field == Field::value) {
    if (is_number_start(first)) return take_number(cursor, draft);
  } else if (field == Field::timestamp) {
    if (is_number_start(first)) return take_timestamp(cursor, draft);
    if (first == '"') return take_moment(cursor, draft);
  } else if (first == '"') {
    return take_text(cursor, field, draft);
  }
  return take_other(cursor, field, draft);
}

inline bool JsonReadingReader::take_text(JsonCursor& cursor, Field field, Draft& draft) {
  draft.given |= set_of(field);
  return cursor.take_string(draft.reading.*kTexts[std::to_underlying(field)]);
}

inline bool JsonReadingReader::take_number(JsonCursor& cursor, Draft& draft) {
  const std::string_view text = cursor.token();
  const JsonNumber number = read_json_number(text);
  if (number.kind == JsonNumber::Kind::malformed) return cursor.fail("this is no number");
  if (number.kind == JsonNumber::Kind::too_large) draft.blame(ErrorCode::value_invalid, Field::value, text);
  draft.given |= set_of(Field::value);
  draft.reading.value = number.value;
  cursor.advance();
  return true;
}

inline bool JsonReadingReader::take_timestamp(JsonCursor& cursor, Draft& draft) {
  const std::string_view text = cursor.token();
  const JsonNumber number = read_json_number(text);
  if (number.kind == JsonNumber::Kind::malformed) return cursor.fail("this is no number");
  cursor.advance();
  draft.reading.timestamp_ms = number.whole;
  if (number.kind == JsonNumber::Kind::whole) [[likely]]
    return true;
  const JsonWhole exact = read_json_whole(text);
  draft.reading.timestamp_ms = exact.value;
  if (exact.kind == JsonWhole::Kind::fractional) draft.blame(ErrorCode::field_type, Field::timestamp, text);
  if (exact.kind == JsonWhole::Kind::too_large) draft.blame(ErrorCode::timestamp_invalid, Field::timestamp, text);
  return true;
}

bool JsonReadingReader::take_moment(JsonCursor& cursor, Draft& draft) {
  std::string_view text;
  if (!cursor.take_string(text)) return false;
  const auto moment = parse_rfc3339(text);
  if (!moment) draft.blame(ErrorCode::timestamp_invalid, Field::timestamp, text);
  if (moment) draft.reading.timestamp_ms = to_ms(*moment);
  return true;
}

// null, which counts as not given, or a value of the wrong type.
bool JsonReadingReader::take_other(JsonCursor& cursor, Field field, Draft& draft) {
  const char first = cursor.first();
  if (!cursor.skip_value(draft.depth)) return false;
  if (first == 'n') return true;
  draft.given |= set_of(field);
  draft.blame(ErrorCode::field_type, field, kind_of(first));
  return true;
}

bool JsonReadingReader::read_fields(JsonCursor& cursor, Draft& draft) {
  cursor.advance();
  if (cursor.first() == '}') {
    cursor.advance();
    return true;
  }
  for (std::size_t place = 0;; ++place) {
    Field field = Field::unknown;
    if (cursor.first() != '"') return cursor.fail("a field's name is expected");
    if (!take_key(cursor, place, field) || !take_value(cursor, field, draft)) return false;
    const char next = cursor.first();
    if (next != ',' && next != '}') return cursor.fail("a comma or the object's end is expected");
    cursor.advance();
    if (next == '}') return true;
  }
}

bool JsonReadingReader::read(JsonCursor& cursor, int depth, std::uint32_t index, Parsed& parsed) {
  if (const char first = cursor.first(); first != '{') {
    const char* begin = cursor.begin();
    if (!cursor.skip_value(depth)) return false;
    reject(parsed, index, ErrorCode::field_type, passed_since(cursor, begin), [first] {
      return Error{ErrorCode::field_type, "a reading must be an object, not " + std::string(kind_of(first))};
    });
    return true;
  }
  const char* begin = cursor.begin();
  Draft draft{.reading = parsed.readings.emplace_back(), .depth = depth + 1, .fault = {}};
  draft.reading.index = index;
  const bool sound = read_fields(cursor, draft);
  draft.require({Field::room, Field::sensor, Field::value});
  if (sound && !draft.fault) [[likely]]
    return true;
  parsed.readings.pop_back();
  if (sound) {
    reject(parsed, index, draft.fault->code, passed_since(cursor, begin), [&draft] { return error_of(*draft.fault); });
  }
  return sound;
}

}  // namespace temperature::ingest
