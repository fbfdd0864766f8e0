#include "ingest/json_reading.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/time.h"
#include "ingest/blanks.h"
#include "ingest/json_scalar.h"

namespace temperature::ingest {
namespace {

// What the cursor has passed since it stood at `begin`, without the comma behind it.
std::string_view passed_since(const JsonCursor& cursor, const char* begin) {
  std::string_view text(begin, static_cast<std::size_t>(cursor.begin() - begin));
  while (!text.empty() && (text.back() == ',' || text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

constexpr std::array kTexts{&RawReading::building, &RawReading::room, &RawReading::sensor, &RawReading::quantity,
                            &RawReading::unit};
constexpr bool is_number_start(char c) {
  return c == '-' || (c >= '0' && c <= '9');
}

}  // namespace

struct JsonReadingReader::Draft {
  RawReading& reading;
  int depth;              // arrays and objects around the values
  std::string_view name;  // as it was sent, of what is read; empty: the field's own
  FieldSet seen = 0;      // fields whose own name stands there
  FieldSet given = 0;     // and has a value
  FieldSet varied = 0;    // that another name has given
  FieldSet faulty = 0;    // of these: wrongly
  FieldSet untaken = 0;   // that a name which is not taken has given
  std::optional<JsonFault> fault;

  void blame(ErrorCode code, Field field, std::string_view found = {},
             JsonFault::Found shown = JsonFault::Found::words) {
    if (!fault) fault = JsonFault{code, field, found, shown, name, {}};
  }
  void require(std::initializer_list<Field> fields) {
    for (const Field field : fields) {
      if (((given | varied) & set_of(field)) == 0) blame(ErrorCode::field_missing, field);
    }
  }
};

JsonReadingReader::JsonReadingReader(UnknownFields unknown_fields) : unknown_fields_(unknown_fields) {
  std::size_t place = 0;
  for (const Field field :
       {Field::building, Field::room, Field::sensor, Field::quantity, Field::timestamp, Field::value, Field::unit}) {
    order_[place++].remember(name_of(field), {field, Spelling::exact});
  }
}

constexpr JsonReadingReader::FieldSet JsonReadingReader::set_of(Field field) {
  return FieldSet{1} << std::to_underlying(field);
}

// A name with a quote or a backslash is written otherwise than it means.
void JsonReadingReader::Guess::remember(std::string_view its_name, NamedField its_field) {
  *this = Guess();
  if (its_name.empty() || its_name.size() > name.size() || its_name.find_first_of("\"\\") != std::string_view::npos) {
    return;
  }
  field = its_field;
  name_bytes = static_cast<std::uint8_t>(its_name.size());
  std::ranges::copy(its_name, name.begin());
  if (its_name.size() > kGuessedBytesMax) return;
  std::array<char, sizeof(Words)> key{};
  std::array<unsigned char, sizeof(Words)> its_mask{};
  std::ranges::copy(its_name, key.begin());
  key[its_name.size()] = '"';
  key[its_name.size() + 1] = ':';
  std::fill_n(its_mask.begin(), its_name.size() + 2, 0xff);
  bytes = std::bit_cast<Words>(key);
  mask = std::bit_cast<Words>(its_mask);
}

// Where it holds the key has no escapes and its colon follows at once: those bytes are two tokens.
inline bool JsonReadingReader::guess_holds(const JsonCursor& cursor, const Guess& guess) {
  Words found;
  if (cursor.bytes_left() <= sizeof(found)) return false;
  std::memcpy(&found, cursor.begin() + 1, sizeof(found));
  return (((found[0] & guess.mask[0]) ^ guess.bytes[0]) | ((found[1] & guess.mask[1]) ^ guess.bytes[1])) == 0;
}

[[gnu::always_inline]] inline bool JsonReadingReader::take_key(JsonCursor& cursor, std::size_t place,
                                                               NamedField& named) {
  if (place >= kPlaces || !guess_holds(cursor, order_[place])) [[unlikely]]
    return look_up_key(cursor, place, named);
  named = order_[place].field;
  cursor.advance(2);
  return true;
}

bool JsonReadingReader::look_up_key(JsonCursor& cursor, std::size_t place, NamedField& named) {
  std::string_view name;
  if (!cursor.take_string(name)) return false;
  if (cursor.first() != ':') return cursor.fail("a colon is expected");
  cursor.advance();
  if (place < kPlaces && order_[place].is(name)) {
    named = order_[place].field;
    return true;
  }
  named = field_named(name);
  if (place < kPlaces) order_[place].remember(name, named);
  return true;
}

[[gnu::always_inline]] inline bool JsonReadingReader::take_value(JsonCursor& cursor, NamedField named, Draft& draft) {
  if (named.spelling != Spelling::exact) [[unlikely]]
    return take_variant(cursor, named, draft);
  const FieldSet its = set_of(named.field);
  if ((draft.seen & its) != 0) draft.blame(ErrorCode::field_repeated, named.field);
  draft.seen |= its;
  return take_typed(cursor, named.field, draft);
}

[[gnu::always_inline]] inline bool JsonReadingReader::take_typed(JsonCursor& cursor, Field field, Draft& draft) {
  const char first = cursor.first();
  if (field == Field::value) {
    if (is_number_start(first)) return take_number(cursor, draft);
    if (first == '"') return take_number_text(cursor, draft);
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
  if (number.kind == JsonNumber::Kind::malformed) return refuse_not_finite(cursor, Field::value, draft);
  if (number.kind == JsonNumber::Kind::too_large) draft.blame(ErrorCode::value_invalid, Field::value, text);
  draft.given |= set_of(Field::value);
  draft.reading.value = number.value;
  cursor.advance();
  return true;
}

// What CSV takes as a value. The byte behind the text is a quote or a blank.
bool JsonReadingReader::take_number_text(JsonCursor& cursor, Draft& draft) {
  std::string_view text;
  if (!cursor.take_string(text)) return false;
  draft.given |= set_of(Field::value);
  const JsonNumber number = read_json_number(without_blanks(text));
  draft.reading.value = number.value;
  if (number.kind == JsonNumber::Kind::malformed) {
    draft.blame(ErrorCode::field_type, Field::value, text, JsonFault::Found::text);
  } else if (number.kind == JsonNumber::Kind::too_large) {
    draft.blame(ErrorCode::value_invalid, Field::value, text);
  }
  return true;
}

// Where a number is expected that is none.
bool JsonReadingReader::refuse_not_finite(JsonCursor& cursor, Field field, Draft& draft) {
  if (!cursor.at_not_finite()) return cursor.fail("this is no number");
  draft.given |= set_of(field);
  draft.blame(field == Field::value ? ErrorCode::value_invalid : ErrorCode::field_type, field, cursor.token());
  cursor.advance();
  return true;
}

inline bool JsonReadingReader::take_timestamp(JsonCursor& cursor, Draft& draft) {
  const std::string_view text = cursor.token();
  const JsonNumber number = read_json_number(text);
  if (number.kind == JsonNumber::Kind::malformed) return refuse_not_finite(cursor, Field::timestamp, draft);
  cursor.advance();
  draft.given |= set_of(Field::timestamp);
  draft.reading.timestamp_ms = number.whole;
  if (number.kind == JsonNumber::Kind::whole) [[likely]]
    return true;
  const JsonWhole exact = read_json_whole(text);
  draft.reading.timestamp_ms = exact.value;
  if (exact.kind == JsonWhole::Kind::fractional) {
    draft.blame(ErrorCode::field_type, Field::timestamp, text, JsonFault::Found::text);
  }
  if (exact.kind == JsonWhole::Kind::too_large) draft.blame(ErrorCode::timestamp_invalid, Field::timestamp, text);
  return true;
}

bool JsonReadingReader::take_moment(JsonCursor& cursor, Draft& draft) {
  std::string_view text;
  if (!cursor.take_string(text)) return false;
  draft.given |= set_of(Field::timestamp);
  text = without_blanks(text);
  const auto moment = parse_rfc3339(text);
  if (!moment) draft.blame(ErrorCode::timestamp_invalid, Field::timestamp, text);
  if (moment) draft.reading.timestamp_ms = to_ms(*moment);
  return true;
}

// null, which counts as not given, or a value of the wrong type.
bool JsonReadingReader::take_other(JsonCursor& cursor, Field field, Draft& draft) {
  const char first = cursor.first();
  if (!cursor.at_end() && cursor.at_not_finite()) return refuse_not_finite(cursor, field, draft);
  if (!cursor.skip_value(draft.depth)) return false;
  if (first == 'n') return true;
  draft.given |= set_of(field);
  draft.blame(ErrorCode::field_type, field, kind_of_json(first));
  return true;
}

// A field under another name than its own.
bool JsonReadingReader::take_variant(JsonCursor& cursor, NamedField named, Draft& draft) {
  if (named.spelling == Spelling::unknown) return take_unknown(cursor, draft);
  if (named.spelling == Spelling::untaken) return take_untaken(cursor, named.field, draft);
  const FieldSet its = set_of(named.field);
  Variant& variant = variants_[std::to_underlying(named.field)];
  const bool varied = (draft.varied & its) != 0;
  if ((draft.given & its) != 0 || (varied && variant.spelling < named.spelling)) return cursor.skip_value(draft.depth);
  const bool again = varied && variant.spelling == named.spelling;
  RawReading other;
  Draft part{.reading = again ? other : draft.reading, .depth = draft.depth, .name = cursor.passed_key(), .fault = {}};
  if (named.spelling == Spelling::kind) {
    if (cursor.first() != '"') return take_unknown(cursor, draft);
    if (!take_kind(cursor, part)) return false;
    if (part.given == 0 && unknown_fields_ == UnknownFields::refuse) {
      draft.name = part.name;
      draft.blame(ErrorCode::field_unknown, Field::unknown);
      draft.name = {};
    }
  } else if (!take_typed(cursor, named.field, part)) {
    return false;
  }
  if (part.given == 0) return true;
  if (!again) {
    draft.varied |= its;
    draft.faulty &= ~its;
    variant.spelling = named.spelling;
    variant.name = part.name;
  }
  const bool differs = again && !part.fault && !same_value(named.field, draft.reading, other);
  if ((draft.faulty & its) == 0 && (part.fault || differs)) {
    draft.faulty |= its;
    variant.fault = part.fault ? *part.fault
                               : JsonFault{.code = ErrorCode::field_repeated,
                                           .field = named.field,
                                           .found = {},
                                           .name = variant.name,
                                           .other_name = part.name};
  }
  return true;
}

// `type` and the like, whose value is a string: given when it is a quantity.
bool JsonReadingReader::take_kind(JsonCursor& cursor, Draft& draft) {
  std::string_view text;
  if (!cursor.take_string(text)) return false;
  const auto known = known_quantity(text);
  if (!known) return true;
  draft.given |= set_of(Field::quantity);
  draft.reading.quantity = *known;
  return true;
}

bool JsonReadingReader::take_untaken(JsonCursor& cursor, Field field, Draft& draft) {
  const std::string_view name = cursor.passed_key();
  const bool null = !cursor.at_end() && cursor.token() == "null";
  if (!cursor.skip_value(draft.depth)) return false;
  if (null || (draft.untaken & set_of(field)) != 0) return true;
  draft.untaken |= set_of(field);
  variants_[std::to_underlying(field)].untaken = name;
  return true;
}

bool JsonReadingReader::take_unknown(JsonCursor& cursor, Draft& draft) const {
  if (unknown_fields_ == UnknownFields::refuse) [[unlikely]] {
    draft.name = cursor.passed_key();
    draft.blame(ErrorCode::field_unknown, Field::unknown);
    draft.name = {};
  }
  return cursor.skip_value(draft.depth);
}

// What other names gave wrongly, and words that are not taken, count where nothing better was given.
void JsonReadingReader::settle_variants(Draft& draft) const {
  for (std::size_t field = 0; field < kFields; ++field) {
    const FieldSet its = FieldSet{1} << field;
    if ((draft.faulty & ~draft.given & its) != 0 && !draft.fault) draft.fault = variants_[field].fault;
    if ((draft.untaken & ~draft.given & ~draft.varied & its) == 0) continue;
    draft.name = variants_[field].untaken;
    draft.blame(ErrorCode::field_unknown, static_cast<Field>(field));
    draft.name = {};
  }
}

bool JsonReadingReader::read_fields(JsonCursor& cursor, Draft& draft) {
  cursor.advance();
  if (cursor.first() == '}') {
    cursor.advance();
    return true;
  }
  for (std::size_t place = 0;; ++place) {
    NamedField named;
    if (cursor.first() != '"') return cursor.fail("a field's name is expected");
    if (!take_key(cursor, place, named) || !take_value(cursor, named, draft)) return false;
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
      return Error{ErrorCode::field_type, "a reading must be an object, not " + std::string(kind_of_json(first))};
    });
    return true;
  }
  const char* begin = cursor.begin();
  Draft draft{.reading = parsed.readings.emplace_back(), .depth = depth + 1, .name = {}, .fault = {}};
  draft.reading.index = index;
  const bool sound = read_fields(cursor, draft);
  if ((draft.varied | draft.untaken) != 0) [[unlikely]]
    settle_variants(draft);
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
