#include "client/printable.h"

#include <gtest/gtest.h>

namespace temperature::client {
namespace {

TEST(Printable, leaves_what_can_be_read) {
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable("Küche 21.5 °C, 温度 🌡"), "Küche 21.5 °C, 温度 🌡");
}

TEST(Printable, writes_out_what_a_terminal_would_obey) {
  EXPECT_EQ(printable("\x1b[2Jgone\r\n"), "\\x1b[2Jgone\\x0d\\x0a");
  EXPECT_EQ(printable("a\x7f"), "a\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\u{9b}31m");  // C1: the same as ESC [
  EXPECT_EQ(printable("\xe2\x80\xae"
                      "txt"),
            "\\u{202e}txt");  // from right to left
  EXPECT_EQ(printable("\xe2\x80\xa8"), "\\u{2028}");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Printable, writes_out_bytes_that_are_no_text) {
  EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(printable("\xc3("), "\\xc3(");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // half of a surrogate pair
}

TEST(Printable, keeps_json_what_it_is) {
  EXPECT_EQ(printable_json("{\"a\":\"ü \xe2\x80\xae\x7f\xc2\x9b\"}"), R"({"a":"ü \u202e\u007f\u009b"})");
}

TEST(Printable, has_an_end) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abcdef...");
  EXPECT_EQ(printable("aü", 2), "a...") << "never in the middle of a character";
}

}  // namespace
}  // namespace temperature::client
