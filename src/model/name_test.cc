#include "model/name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace temperature {
namespace {

std::string normal(std::string_view sent) {
  std::string made;
  const auto name = normalise_name("room", sent, made);
  return name ? std::string(*name) : "refused: " + name.error().detail;
}

struct Case {
  std::string sent;
  std::string want;
  std::string why;
};

// The blanks are those of PropList.txt with White_Space, Unicode 15.
TEST(Name, loses_what_stands_around_it) {
  const std::vector<Case> cases{
      {"kitchen", "kitchen", "as most are"},
      {"kitchen ", "kitchen", "a form field with a blank behind"},
      {"  kitchen", "kitchen", "CSV with blanks behind the commas"},
      {"living room", "living room", "a blank inside stays"},
      {"living  room", "living  room", "two stay two"},
      {"kitchen\r", "kitchen", "a file with CRLF"},
      {"\tkitchen\n", "kitchen", "a tab and a line feed have White_Space"},
      {"\xc2\xa0kitchen\xc2\xa0", "kitchen", "U+00A0, as web pages and phones write it"},
      {"\xc2\x85kitchen", "kitchen", "U+0085"},
      {"\xe1\x9a\x80kitchen", "kitchen", "U+1680"},
      {"\xe2\x80\x80kitchen\xe2\x80\x8a", "kitchen", "U+2000 and U+200A"},
      {"\xe2\x80\xa8kitchen\xe2\x80\xa9", "kitchen", "U+2028 and U+2029"},
      {"\xe2\x80\xafkitchen\xe2\x81\x9f", "kitchen", "U+202F and U+205F"},
      {"\xe3\x80\x80\xe5\x8f\xb0\xe6\x89\x80\xe3\x80\x80", "\xe5\x8f\xb0\xe6\x89\x80", "U+3000, as Japanese keyboards"},
      {"\"s1\"", "s1", "quotes that a script left"},
      {" \" s1 \" ", "s1", "blanks outside and inside of them"},
      {"\"\"s1\"\"", "s1", "quoted twice: one name has one form"},
      {"\"s1", "\"s1", "one quote is no pair"},
      {"5\" pipe", "5\" pipe", "a quote inside"},
      {"\"", "\"", "a quote alone"},
      {"'s1'", "'s1'", "other quotes stay"},
      {"\xe2\x80\x9cs1\xe2\x80\x9d", "\xe2\x80\x9cs1\xe2\x80\x9d", "U+201C and U+201D stay"},
  };
  for (const auto& [sent, want, why] : cases) {
    EXPECT_EQ(normal(sent), want) << why;
    EXPECT_EQ(is_normal_name(sent), sent == want) << why;
  }
}

// UAX #15, and NormalizationTest.txt for the pairs.
TEST(Name, is_in_normalization_form_c) {
  const std::vector<Case> cases{
      {"Ku\xcc\x88"
       "che",
       "K\xc3\xbc"
       "che",
       "U+0075 U+0308 becomes U+00FC, as macOS sends it"},
      {"K\xc3\xbc"
       "che",
       "K\xc3\xbc"
       "che",
       "composed already"},
      {"\xe2\x84\xab", "\xc3\x85", "U+212B, the unit angstrom, becomes U+00C5"},
      {"A\xcc\x8a", "\xc3\x85", "U+0041 U+030A, the same letter"},
      {"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c", "Hangul U+1112 U+1161 U+11AB becomes U+D55C"},
      {"\xed\x95\x98\xe1\x86\xab", "\xed\x95\x9c", "and so do U+D558 U+11AB"},
      {"\xe1\xba\xa1\xcc\x82", "\xe1\xba\xad", "Vietnamese U+1EA1 U+0302 becomes U+1EAD"},
      {"a\xcc\x82\xcc\xa3", "\xe1\xba\xad", "and so do its marks in another order"},
      {"\xe0\xa4\xa9", "\xe0\xa4\xa9", "U+0929 stays"},
      {"\xe0\xa4\xa8\xe0\xa4\xbc", "\xe0\xa4\xa9", "U+0928 U+093C becomes it"},
      {"\xe0\xa5\x98", "\xe0\xa4\x95\xe0\xa4\xbc", "U+0958 is excluded from composition"},
      {"\xef\xac\x81", "\xef\xac\x81", "U+FB01 stays: compatibility is not NFC's"},
      {"\xe2\x85\xa7", "\xe2\x85\xa7", "and so does U+2167, Roman eight"},
  };
  for (const auto& [sent, want, why] : cases) {
    EXPECT_EQ(normal(sent), want) << why;
    EXPECT_EQ(is_normal_name(sent), sent == want) << why;
  }
}

// What people write with joiners and selectors: Unicode 15, chapters 9.2 and 12.1; UTS #51 for emoji.
TEST(Name, keeps_what_languages_and_emoji_are_written_with) {
  const std::vector<std::string> names{
      "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae\xd9\x88\xd8\xa7\xd9\x87\xd9\x85",      // Persian with U+200C
      "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7",                          // Hindi with U+200D
      "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",  // a family: emoji joined by U+200D
      "\xe2\x9d\xa4\xef\xb8\x8f",                                                  // a heart with U+FE0F
      "\xe8\x91\x9b\xf3\xa0\x84\x80",                                              // an ideograph with U+E0100
      "\xd7\x9e\xd7\x98\xd7\x91\xd7\x97",                                          // Hebrew
      "\xd8\xa7\xd9\x84\xd9\x85\xd8\xb7\xd8\xa8\xd8\xae",                          // Arabic
      "\xe1\x8a\xad\xe1\x8d\x8d\xe1\x88\x8d",                                      // Amharic
      "\xce\x9a\xce\xbf\xcf\x85\xce\xb6\xce\xaf\xce\xbd\xce\xb1",                  // Greek
      "\xd0\x9a\xd1\x83\xd1\x85\xd0\xbd\xd1\x8f",                                  // Russian
      "\xf0\x9f\x8f\xa0",                                                          // an emoji of four bytes
  };
  for (const std::string& name : names) {
    EXPECT_EQ(normal(name), name);
    EXPECT_TRUE(is_normal_name(name)) << name;
  }
}

TEST(Name, has_nothing_that_nobody_sees) {
  const std::vector<Case> cases{
      {"kit\tchen", "U+0009", "a control inside"},
      {std::string("a\0b", 3), "U+0000", "a NUL"},
      {"\x1f", "U+001F", "C0"},
      {"a\x7f", "U+007F", "DEL"},
      {"a\xc2\x80", "U+0080", "C1"},
      {"a\xc2\x85z", "U+0085", "C1 inside"},
      {"a\xc2\x9f", "U+009F", "C1"},
      {"kitchen\xe2\x80\x8b", "U+200B", "zero width space"},
      {"\xe2\x81\xa0kitchen", "U+2060", "word joiner"},
      {"\xef\xbb\xbfkitchen", "U+FEFF", "byte order mark"},
      {"a\xe2\x80\xaa", "U+202A", "embedding"},
      {"a\xe2\x80\xae"
       "b",
       "U+202E", "override"},
      {"a\xe2\x81\xa6", "U+2066", "isolate"},
      {"a\xe2\x81\xa9", "U+2069", "its end"},
  };
  for (const auto& [sent, code_point, why] : cases) {
    EXPECT_TRUE(normal(sent).starts_with("refused: room has " + code_point + ",")) << why << ": " << normal(sent);
    EXPECT_FALSE(is_normal_name(sent)) << why;
  }
}

TEST(Name, is_not_empty_and_is_utf_8) {
  for (const std::string sent : {"", " ", "\xc2\xa0", "\"\"", "\" \"", "\r\n"}) {
    EXPECT_EQ(normal(sent), "refused: room is empty") << sent;
  }
  for (const std::string sent : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80"}) {
    EXPECT_EQ(normal(sent), "refused: room is not valid UTF-8");
  }
  EXPECT_EQ(normal(std::string(limits::kNameSentBytesMax, 'x')).size(), limits::kNameSentBytesMax);
  EXPECT_TRUE(normal(std::string(limits::kNameSentBytesMax + 1, 'x')).ends_with("too long"));
}

// A name that is kept is found by its own bytes: what comes out must stay as it is, whatever went in.
TEST(Name, normalised_again_stays) {
  std::string made;
  for (char32_t c = 0x20; c <= 0x1ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::string letter;
    if (c < 0x80) {
      letter = {static_cast<char>(c)};
    } else if (c < 0x800) {
      letter = {static_cast<char>(0xc0 | c >> 6U), static_cast<char>(0x80 | (c & 0x3fU))};
    } else if (c < 0x10000) {
      letter = {static_cast<char>(0xe0 | c >> 12U), static_cast<char>(0x80 | (c >> 6U & 0x3fU)),
                static_cast<char>(0x80 | (c & 0x3fU))};
    } else {
      letter = {static_cast<char>(0xf0 | c >> 18U), static_cast<char>(0x80 | (c >> 12U & 0x3fU)),
                static_cast<char>(0x80 | (c >> 6U & 0x3fU)), static_cast<char>(0x80 | (c & 0x3fU))};
    }
    for (const std::string& sent : {letter, "\"" + letter + "\"", " a" + letter, letter + "\xcc\x88"}) {
      const auto name = normalise_name("room", sent, made);
      if (!name) continue;
      EXPECT_TRUE(is_normal_name(std::string(*name))) << "U+" << std::hex << static_cast<unsigned>(c);
    }
  }
}

TEST(Name, folds_case) {
  EXPECT_EQ(case_folded("Kitchen"), "kitchen");
  EXPECT_EQ(case_folded("K\xc3\x9c"
                        "CHE"),
            "k\xc3\xbc"
            "che");
}

}  // namespace
}  // namespace temperature
