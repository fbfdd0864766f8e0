#include "base/utf8.h"

#include <gtest/gtest.h>

namespace temperature {
namespace {

TEST(Utf8Prefix, CutsBetweenTwoCharacters) {
  const std::string_view text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";  // of 1, 2, 3, 4 and 1 bytes
  const std::size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11, 11};
  for (std::size_t bytes_max = 0; bytes_max < std::size(ends); ++bytes_max) {
    const std::string_view prefix = utf8_prefix(text, bytes_max);
    EXPECT_EQ(prefix, text.substr(0, ends[bytes_max])) << bytes_max;
    EXPECT_TRUE(valid_utf8(prefix)) << bytes_max;
  }
}

TEST(Utf8Prefix, ShortensWhatIsNoUtf8ByThreeBytesAtMost) {
  const std::string_view text = "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80";
  EXPECT_EQ(utf8_prefix(text, 10).size(), 10U);
  EXPECT_EQ(utf8_prefix(text, 9).size(), 6U);
  EXPECT_EQ(utf8_prefix(text, 2).size(), 0U);
}

}  // namespace
}  // namespace temperature
