#include "base/size_text.h"

#include <gtest/gtest.h>

namespace temperature {
namespace {

TEST(SizeText, reads_sizes) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("17B"), 17U);
  EXPECT_EQ(parse_size("500MiB"), 500U * 1024 * 1024);
  EXPECT_EQ(parse_size("1GiB"), 1024U * 1024 * 1024);
  EXPECT_EQ(parse_size("3TiB"), std::uint64_t{3} * 1024 * 1024 * 1024 * 1024);
  EXPECT_EQ(parse_size("8388608TiB"), std::uint64_t{1} << 63U);
}

TEST(SizeText, refuses_everything_else) {
  for (const char* text : {"", "17", "-1GiB", "1gib", "1 GiB", "GiB", "1.5GiB", "1GB", "8388609TiB", "1GiBx",
                           "99999999999999999999B", "0 "}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(SizeText, writes_sizes_for_people) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(1023), "1023 B");
  EXPECT_EQ(format_size(1536), "1.5 KiB");
  EXPECT_EQ(format_size(std::uint64_t{820} << 20U), "820 MiB");
  EXPECT_EQ(format_size(std::uint64_t{5000} << 40U), "5000 TiB");
}

}  // namespace
}  // namespace temperature
