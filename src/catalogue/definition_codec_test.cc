#include "catalogue/definition_codec.h"

#include <gtest/gtest.h>

#include <string>

#include "model/name_limits.h"

namespace temperature::catalogue {
namespace {

std::string encoded(const Definition& definition) {
  std::string bytes;
  ByteWriter out(bytes);
  encode_definition(out, definition);
  return bytes;
}

const std::string kLongest(limits::kNameBytesMax, 'x');
const std::string kLongestSensor(limits::kSensorNameBytesMax, 's');
const std::string kLongestUnit(limits::kUnitBytesMax, 'u');

std::vector<Definition> examples() {
  return {SeriesDefined{SeriesId(0), "main", "hall/2", "sensor 1", "temperature"},
          SeriesDefined{SeriesId(UINT32_MAX), kLongest, kLongest, kLongestSensor, kLongest},
          SeriesDefined{SeriesId(1), "Gebäude", "部屋", "🌡", "温度"}, UnitDefined{"wind", "m/s"},
          UnitDefined{kLongest, kLongestUnit}};
}

TEST(DefinitionCodec, reads_back_what_it_wrote_and_leaves_the_rest) {
  for (const Definition& definition : examples()) {
    const std::string bytes = encoded(definition) + "rest";
    ByteReader in(bytes);
    Definition read;
    ASSERT_TRUE(decode_definition(in, read));
    EXPECT_EQ(read, definition);
    EXPECT_EQ(in.rest(), "rest");
  }
}

TEST(DefinitionCodec, keeps_its_format) {
  EXPECT_EQ(encoded(SeriesDefined{SeriesId(0x01020304), "b", "r", "s", "q"}), std::string("\x01\x04\x03\x02\x01\x01"
                                                                                          "b\x01r\x01s\x01q"));
  EXPECT_EQ(encoded(UnitDefined{"q", "m"}), std::string("\x02\x01q\x01m"));
}

TEST(DefinitionCodec, refuses_every_definition_that_is_cut_short) {
  for (const Definition& definition : examples()) {
    const std::string bytes = encoded(definition);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ByteReader in(std::string_view(bytes).substr(0, size));
      Definition read;
      EXPECT_FALSE(decode_definition(in, read)) << size;
    }
  }
}

TEST(DefinitionCodec, refuses_unknown_kinds_and_names_that_are_too_long) {
  Definition read;
  for (int kind = 0; kind < 256; ++kind) {
    if (kind == 1 || kind == 2) continue;
    std::string bytes = encoded(UnitDefined{"wind", "m/s"});
    bytes[0] = static_cast<char>(kind);
    ByteReader in(bytes);
    EXPECT_FALSE(decode_definition(in, read)) << kind;
  }
  for (const Definition& too_long :
       {Definition(SeriesDefined{SeriesId(0), kLongest + "x", "r", "s", "q"}),
        Definition(SeriesDefined{SeriesId(0), "b", "r", "s", kLongest + "x"}),
        Definition(SeriesDefined{SeriesId(0), "b", "r", kLongestSensor + "x", "q"}),
        Definition(UnitDefined{kLongest + "x", "m"}), Definition(UnitDefined{"wind", kLongestUnit + "u"})}) {
    const std::string bytes = encoded(too_long);
    ByteReader in(bytes);
    EXPECT_FALSE(decode_definition(in, read));
  }
}

}  // namespace
}  // namespace temperature::catalogue
