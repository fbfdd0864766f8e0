#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"

namespace temperature::limits {

// Tags of one line of line protocol; a line with more is refused (malformed_line).
inline constexpr std::size_t kLineTagsMax = 1'024;

}  // namespace temperature::limits

// InfluxDB line protocol as bytes: measurement[,tag=value...] field=value[,field=value...] [timestamp]
// Written after InfluxDB's reference of the syntax and what its versions 1 and 2 take; docs/api.md has the rules.
namespace temperature::ingest {

// What is wrong with a line.
enum class LineFault : std::uint8_t {
  none,
  measurement_missing,
  tag_key_missing,
  tag_value_missing,
  tag_malformed,
  tag_repeated,
  too_many_tags,
  fields_missing,
  field_malformed,
  field_key_missing,
  field_value_missing,
  number_invalid,
  boolean_invalid,
  quotes_unbalanced,
  timestamp_invalid,
};

// In words that go on from "the line cannot be read: ".
std::string_view text_of(LineFault fault);

struct LineField {
  enum class Kind : std::uint8_t {
    number,
    boolean,
    text,
    bad_number,  // stands for a number that nobody can keep: see is_bad_number()
  };

  std::string_view key;  // as it is written
  double number = 0;     // a number: nearest double, also of integers beyond 2^53
  Kind kind = Kind::number;
  std::uint32_t text_bytes = 0;  // of a string, between its quotes; of a bad number

  // A string as it is written between its quotes, or a bad number as it is written. REQUIRES: it is one of them.
  [[nodiscard]] std::string_view text() const {
    return {key.data() + key.size() + (kind == Kind::text ? 2 : 1), text_bytes};  // behind =" or =
  }
};

// Whether a field's value, as it is written, stands for a number without being one: what printf makes of NaN and of
// infinities ("nan", "-inf", "1.#IND"), Arduino's "ovf", "null", "none" and "undefined" of templates, all without case,
// and numbers that are too large for a double or, with i or u, for 64 bits. Such a field costs its line nothing.
bool is_bad_number(std::string_view value);

// A line, its parts as they are written. The views point into the body.
struct LinePoint {
  std::string_view series;        // measurement and tags, unsplit and unchecked: see LineSeries
  std::vector<LineField> fields;  // one or more
  std::optional<std::int64_t> timestamp;
  std::uint16_t thousandths = 0;  // behind the timestamp's point, where decimals are taken
  bool as_expected = false;       // the series is the one that was guessed
  std::uint32_t line = 0;         // on which it begins, from 1
};

// Reads the points of a body one after the other; a line that is wrong harms no other. A line ends at a newline (CRLF
// too), but in a quoted string a newline is part of the string; a quote that never ends in the body makes one line
// wrong. Blank lines and comments (#) are passed over. One pass; allocates nothing once `point.fields` has grown.
class LineReader {
 public:
  // Whether a timestamp may have decimals: where it counts seconds.
  enum class Decimals : std::uint8_t { refused, taken };

  // `body` must outlive the reader and stay as it is. A byte order mark at its start is passed over.
  explicit LineReader(std::string_view body, Decimals decimals = Decimals::refused)
      : at_(without_byte_order_mark(body).data()), end_(body.data() + body.size()), decimals_(decimals) {}

  enum class Found : std::uint8_t { point, fault, end };

  // The next point. `expected` is a guess: a series that begins a line is taken at one comparison. Any guess may be
  // wrong; it must be one that was read before and is sound (or empty). After Found::fault, fault() and text() tell,
  // and of the point only `line` is good.
  Found next(LinePoint& point, std::string_view expected = {});

  [[nodiscard]] LineFault fault() const { return fault_; }
  // The line that was read last, without its end.
  [[nodiscard]] std::string_view text() const { return {line_, static_cast<std::size_t>(line_end_ - line_)}; }

 private:
  bool find_line();
  bool take_series(LinePoint& point, std::string_view expected);
  bool take_fields(LinePoint& point);
  bool take_field_key(LineField& field);
  bool take_field_value(LineField& field);
  bool take_number(LineField& field);
  bool take_scientific(LineField& field, const char* begin);
  bool take_bad_number(LineField& field, const char* begin);
  bool take_boolean();
  bool take_text(LineField& field);
  bool take_timestamp(LinePoint& point);
  bool take_decimals(LinePoint& point, bool negative);
  void take_line_end();
  [[nodiscard]] bool at_line_end() const;
  void skip_line(std::uint32_t begins_on);
  [[nodiscard]] const char* find_line_end() const;
  [[nodiscard]] const char* find_text_end(const char* open) const;
  bool fail(LineFault fault) {
    fault_ = fault;
    return false;
  }

  const char* at_;
  const char* end_;
  const char* line_ = nullptr;
  const char* line_end_ = nullptr;
  std::uint32_t line_number_ = 1;  // of the line at which `at_` stands
  LineFault fault_ = LineFault::none;
  Decimals decimals_;
};

// A series taken apart. Used again and again: it keeps its memory.
class LineSeries {
 public:
  struct Tag {
    std::string_view key;  // both as they are written
    std::string_view value;
  };

  // Faults: those of measurement and tags. REQUIRES: a LineReader gave it.
  LineFault read(std::string_view series);

  [[nodiscard]] std::string_view measurement() const { return measurement_; }
  [[nodiscard]] const std::vector<Tag>& tags() const { return tags_; }

 private:
  [[nodiscard]] bool has_repeated_tag();

  std::string_view measurement_;
  std::vector<Tag> tags_;
  std::vector<std::string_view> keys_;
};

// The timestamp of a point, as it stands in its body: the last word of the line on which it begins. For messages: where
// a string has newlines it is another word, or none. `line` as in LinePoint, from 0.
class SentTimestamps {
 public:
  explicit SentTimestamps(std::string_view body) : rest_(body) {}
  // REQUIRES: lines rise from call to call.
  std::string_view of(std::uint32_t line);

 private:
  std::string_view rest_;
  std::uint32_t line_ = 0;
};

// What a measurement, tag or field key means: a backslash before a comma, an equals sign or a space is left out; before
// anything else it is itself. In a measurement an equals sign needs no backslash, and keeps one that it has.
enum class LineName : std::uint8_t { measurement, key_or_value };
std::string unescape_line_name(std::string_view written, LineName what);

}  // namespace temperature::ingest
