#include "base/json_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

namespace temperature {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string number(double value) {
  std::string out;
  append_json_number(out, value);
  return out;
}

TEST(JsonText, EscapesWhatMustBe) {
  EXPECT_EQ(quoted("plain é 温"), "\"plain é 温\"");
  EXPECT_EQ(quoted("\"\\/\n\r\t"), R"("\"\\/\n\r\t")");
  EXPECT_EQ(quoted(std::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
}

TEST(JsonText, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(quoted("a\xff"
                   "b\xc3"),
            "\"a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\"");
  EXPECT_EQ(quoted("\xffé"), "\"\xEF\xBF\xBDé\"");
}

TEST(JsonText, AnArrayHasACommaBetweenItsElementsAlone) {
  const auto array = [](const std::vector<double>& values) {
    std::string out;
    append_json_array(out, values, [&out](double value) { append_json_number(out, value); });
    return out;
  };
  EXPECT_EQ(array({}), "[]");
  EXPECT_EQ(array({1.5}), "[1.5]");
  EXPECT_EQ(array({1.5, 2, -3}), "[1.5,2,-3]");
}

TEST(JsonText, NumbersReadBackAsTheSameDouble) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    EXPECT_EQ(std::strtod(number(value).c_str(), nullptr), value);
  }
  EXPECT_EQ(number(21.5), "21.5");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "null");
}

}  // namespace
}  // namespace temperature
