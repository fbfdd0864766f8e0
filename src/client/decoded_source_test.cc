#include "client/decoded_source.h"

#include <gtest/gtest.h>

#include <vector>

#include "client/bounds.h"

namespace temperature::client {
namespace {

// The text, or the error.
std::string decoded(const std::string& bytes, const std::string& encoding, std::size_t bytes_at_once = 1 << 20,
                    std::size_t asked = 64) {
  MemorySource source(bytes, bytes_at_once);
  DecodedSource decoded(source, encoding);
  std::string text;
  std::string piece(asked, '\0');
  for (;;) {
    const auto count = decoded.read(piece);
    if (!count) return count.error().detail;
    if (*count == 0) return text;
    text.append(piece, 0, *count);
  }
}

// What iconv(1) made of "Temp, °C;€\n", written here by hand.
const std::string kDegreesText = "Temp, °C;€\n";
const std::string kLatinDegrees =
    "Temp, \xb0"
    "C;";

std::string utf16(std::u16string_view text, bool big) {
  std::string bytes;
  for (const char16_t c : text) {
    const char low = static_cast<char>(c & 0xff);
    const char high = static_cast<char>(c >> 8);
    bytes += big ? high : low;
    bytes += big ? low : high;
  }
  return bytes;
}

TEST(DecodedSource, makes_utf8_of_every_encoding) {
  const std::u16string_view wide = u"Temp, °C;€\n";
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      // bytes, encoding, want
      {kDegreesText, "", kDegreesText},
      {kDegreesText, "UTF-8", kDegreesText},
      {"\xef\xbb\xbf" + kDegreesText, "", kDegreesText},
      {"\xef\xbb\xbf" + kDegreesText, "utf8", kDegreesText},
      {"\xff\xfe" + utf16(wide, false), "", kDegreesText},
      {"\xfe\xff" + utf16(wide, true), "", kDegreesText},
      {"\xff\xfe" + utf16(wide, false), "UTF-16", kDegreesText},
      {"\xfe\xff" + utf16(wide, true), "UTF-16BE", kDegreesText},
      {utf16(wide, false), "UTF-16LE", kDegreesText},
      {utf16(wide, true), "utf-16be", kDegreesText},
      {utf16(wide, false), "UTF-16", kDegreesText},  // its first character is ASCII
      {utf16(wide, true), "UTF-16", kDegreesText},
      {std::string("\xff\xfe\0\0T\0\0\0", 8), "", "T"},
      {"Temp, \xb0"
       "C;\x80\n",
       "windows-1252", kDegreesText},
      {kLatinDegrees, "ISO-8859-1", "Temp, °C;"},
      {"", "", ""},
      {"", "windows-1252", ""},
      {"\xef\xbb\xbf", "", ""},
      {"T", "", "T"},
  };
  for (const auto& [bytes, encoding, want] : cases) {
    for (const std::size_t at_once : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{1} << 20U}) {
      EXPECT_EQ(decoded(bytes, encoding, at_once, 1), want) << encoding;
      EXPECT_EQ(decoded(bytes, encoding, at_once), want) << encoding;
    }
  }
}

TEST(DecodedSource, a_text_longer_than_its_buffers_is_whole) {
  std::u16string wide;
  std::string want;
  for (std::size_t i = 0; i < kReadBytes; ++i) {
    wide += u"€x";
    want += "€x";
  }
  EXPECT_EQ(decoded(utf16(wide, false), "UTF-16LE", 1'001, 4'096), want);
}

TEST(DecodedSource, marks_what_is_no_character_and_goes_on) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      {"a\x81z", "windows-1252", "a\xffz"},                    // 0x81 is none
      {std::string("a\0\0\xdcz\0", 6), "UTF-16LE", "a\xffz"},  // half of a pair
      {std::string("a\0z", 3), "UTF-16LE", "a\xff"},           // cut off in the middle
      {kLatinDegrees, "", kLatinDegrees},                      // not ours to say
  };
  for (const auto& [bytes, encoding, want] : cases) {
    for (const std::size_t at_once : {1U, 64U}) EXPECT_EQ(decoded(bytes, encoding, at_once), want);
  }
}

TEST(DecodedSource, refuses_what_it_would_have_to_guess) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      {kDegreesText, "klingon", "\"klingon\" is not known"},
      {"\xef\xbb\xbf" + kDegreesText, "windows-1252", "the byte order mark says UTF-8, --encoding says windows-1252"},
      {"\xff\xfe" + utf16(u"ab", false), "UTF-16BE", "the byte order mark says UTF-16LE"},
      {utf16(u"ab", false), "", "seems to be UTF-16LE without a byte order mark; --encoding UTF-16LE says so"},
      {utf16(u"ab", true), "", "--encoding UTF-16BE says so"},
      {utf16(u"€", true), "UTF-16", "UTF-16LE or UTF-16BE names the order"},
  };
  for (const auto& [bytes, encoding, want] : cases) {
    EXPECT_NE(decoded(bytes, encoding).find(want), std::string::npos) << decoded(bytes, encoding);
  }
}

}  // namespace
}  // namespace temperature::client
