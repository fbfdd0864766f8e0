#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/check.h"
#include "ingest/line_protocol.h"
#include "ingest/line_reference.h"

// The reader against the plain one: the same lines, sound or not, and of the sound ones the same names, values and
// times. Every line is read with the series of the line before as a guess, and once more without one.
namespace temperature::ingest {
namespace {

void compare(const LinePoint& point, const LineSeries& series, const ReferencePoint& want) {
  CHECK(unescape_line_name(series.measurement(), LineName::measurement) == want.measurement);
  CHECK(series.tags().size() == want.tags.size());
  for (std::size_t i = 0; i < want.tags.size(); ++i) {
    CHECK(unescape_line_name(series.tags()[i].key, LineName::key_or_value) == want.tags[i].first);
    CHECK(unescape_line_name(series.tags()[i].value, LineName::key_or_value) == want.tags[i].second);
  }
  CHECK(point.fields.size() == want.fields.size());
  for (std::size_t i = 0; i < want.fields.size(); ++i) {
    const LineField& field = point.fields[i];
    const auto& [key, value] = want.fields[i];
    CHECK(unescape_line_name(field.key, LineName::key_or_value) == key);
    const bool bad = costs_only_itself(value);
    const bool number = !bad && ((value[0] >= '0' && value[0] <= '9') || value[0] == '-' || value[0] == '.');
    CHECK((field.kind == LineField::Kind::bad_number) == bad);
    CHECK(!bad || field.text() == value);
    CHECK(value[0] != '"' || field.text() == value.substr(1, value.size() - 2));
    CHECK((field.kind == LineField::Kind::text) == (value[0] == '"'));
    CHECK((field.kind == LineField::Kind::number) == number);
    CHECK(!number || field.number == std::strtod(value.c_str(), nullptr));
  }
  CHECK(point.timestamp == want.timestamp);
}

void read(std::string_view body, const std::vector<ReferencePoint>& wanted, bool guess) {
  LineReader reader(body);
  LinePoint point;
  LineSeries series;
  std::string expected;
  for (const ReferencePoint& want : wanted) {
    const auto found = reader.next(point, expected);
    CHECK(found != LineReader::Found::end);
    CHECK(point.line == want.line);
    CHECK(found == LineReader::Found::point || reader.fault() != LineFault::none);
    const bool sound = found == LineReader::Found::point && series.read(point.series) == LineFault::none;
    CHECK(sound == want.sound);
    if (!sound) continue;
    compare(point, series, want);
    if (guess) expected = point.series;
  }
  CHECK(reader.next(point, expected) == LineReader::Found::end);
}

}  // namespace
}  // namespace temperature::ingest

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  using namespace temperature::ingest;
  const std::string body(reinterpret_cast<const char*>(bytes), count);
  const auto wanted = read_lines_plainly(body);
  read(body, wanted, true);
  read(body, wanted, false);
  return 0;
}
