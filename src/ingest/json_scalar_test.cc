#include "ingest/json_scalar.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

namespace temperature::ingest {
namespace {

using Kind = JsonNumber::Kind;
using WholeKind = JsonWhole::Kind;

std::uint64_t bits(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

TEST(JsonScalar, a_number_is_the_double_that_strtod_reads) {
  const auto f = [](const std::string& text, Kind want) {
    const JsonNumber got = read_json_number(text);
    ASSERT_EQ(got.kind, want) << text;
    EXPECT_EQ(bits(got.value), bits(std::strtod(text.c_str(), nullptr))) << text;
  };
  f("0", Kind::whole);
  f("-0", Kind::whole);
  f("7", Kind::whole);
  f("12345678", Kind::whole);
  f("123456789", Kind::whole);
  f("1700000000123", Kind::whole);
  f("-1700000000123", Kind::whole);
  f("9007199254740993", Kind::whole);
  f("999999999999999999", Kind::whole);
  f("1000000000000000000", Kind::whole);
  f("9223372036854775807", Kind::whole);
  f("-9223372036854775808", Kind::whole);
  f("9223372036854775808", Kind::real);
  f("-9223372036854775809", Kind::real);
  f("18446744073709551616", Kind::real);
  f("0.0", Kind::real);
  f("-0.0", Kind::real);
  f("0e0", Kind::real);
  f("0e400", Kind::real);
  f("0.000e99999999999999999999", Kind::real);
  f("-0e-400", Kind::real);
  f("21.57", Kind::real);
  f("-21.57", Kind::real);
  f("0.1", Kind::real);
  f("12345678.87654321", Kind::real);
  f("21.570000000000004", Kind::real);
  f("9007199254740993.0", Kind::real);
  f("9007199254740992e22", Kind::real);
  f("9007199254740993e22", Kind::real);
  f("1e22", Kind::real);
  f("1e23", Kind::real);
  f("1E+2", Kind::real);
  f("1e-22", Kind::real);
  f("1e-23", Kind::real);
  f("1e-0", Kind::real);
  f("1.7976931348623157e308", Kind::real);
  f("1.7976931348623158e308", Kind::real);
  f("179769313486231570000e288", Kind::real);
  f("2.2250738585072014e-308", Kind::real);
  f("2.2250738585072011e-308", Kind::real);
  f("4.9406564584124654e-324", Kind::real);
  f("2.4703282292062328e-324", Kind::real);
  f("2.4703282292062327e-324", Kind::real);
  f("1e-400", Kind::real);
  f("-1e-400", Kind::real);
  f("1e-99999999999999999999", Kind::real);
  f("0.000000000000000000000000000000000000001", Kind::real);
  f(std::string(400, '1') + "e-380", Kind::real);
  f("0." + std::string(400, '0') + "1e401", Kind::real);
  f("1." + std::string(400, '0') + "1", Kind::real);
  f("9007199254740993." + std::string(400, '0') + "1", Kind::real);
}

TEST(JsonScalar, a_number_beyond_the_largest_double_is_too_large) {
  for (const std::string& text : {std::string("1e309"), std::string("-1e309"), std::string("1.7976931348623159e308"),
                                  std::string("1e99999999999999999999"), std::string("0.001e400"),
                                  "1" + std::string(400, '0'), "0." + std::string(400, '0') + "1e800"}) {
    EXPECT_EQ(read_json_number(text).kind, Kind::too_large) << text;
  }
}

TEST(JsonScalar, what_the_grammar_does_not_have_is_no_number) {
  for (const char* text :
       {"",    "-",   "+1",        "01",        "-01",       "00",    "1.",    ".5",   "-.5", "1.e5", "1e",
        "1e+", "1e-", "1e5.5",     "1..2",      "1.2.3",     "--1",   "1-",    "0x10", "1a",  "a",    "1,5",
        "NaN", "inf", "-Infinity", "12345678x", "1234567x8", "1_000", "1e1e1", "1 2",  "1/3", "1:2",  "٣"}) {
    EXPECT_EQ(read_json_number(text).kind, Kind::malformed) << text;
  }
}

TEST(JsonScalar, random_numbers_are_the_doubles_that_strtod_reads) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto digits = [&random](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('0' + random() % 10);
    return text;
  };
  for (int i = 0; i < 20'000; ++i) {
    std::string text = random() % 2 == 0 ? "-" : "";
    text += static_cast<char>('1' + random() % 9);
    text += digits(random() % 22);
    if (random() % 4 != 0) text += "." + digits(1 + random() % 22);
    if (random() % 2 == 0) text += (random() % 2 == 0 ? "e-" : "e") + std::to_string(random() % 280);
    const double want = std::strtod(text.c_str(), nullptr);
    const JsonNumber got = read_json_number(text);
    ASSERT_TRUE(got.kind == Kind::whole || got.kind == Kind::real) << text;
    ASSERT_EQ(bits(got.value), bits(want)) << text;
    ASSERT_TRUE(got.kind != Kind::whole || got.whole == std::strtoll(text.c_str(), nullptr, 10)) << text;
  }
}

TEST(JsonScalar, a_number_is_whole_to_the_last_digit_or_not) {
  const auto f = [](const std::string& text, WholeKind want, std::int64_t value = 0) {
    const JsonWhole got = read_json_whole(text);
    EXPECT_EQ(got.kind, want) << text;
    EXPECT_EQ(got.value, value) << text;
  };
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  f("0", WholeKind::whole, 0);
  f("-0.0e5", WholeKind::whole, 0);
  f("0e-5", WholeKind::whole, 0);
  f("1.6e12", WholeKind::whole, 1'600'000'000'000);
  f("-1.6E+12", WholeKind::whole, -1'600'000'000'000);
  f("1600000000000.0", WholeKind::whole, 1'600'000'000'000);
  f("1600000000000.00000000000000000000000", WholeKind::whole, 1'600'000'000'000);
  f("16000000000000000e-4", WholeKind::whole, 1'600'000'000'000);
  f("0.0000000000000000000016e33", WholeKind::whole, 1'600'000'000'000);
  f("9007199254740993.0", WholeKind::whole, 9'007'199'254'740'993);
  f("9223372036854775807.0", WholeKind::whole, kLast);
  f("9223372036854775808.0", WholeKind::too_large);
  f("-9223372036854775808e0", WholeKind::whole, kFirst);
  f("-9223372036854775809e0", WholeKind::too_large);
  f("9999999999999999999", WholeKind::too_large);
  f("1e18", WholeKind::whole, 1'000'000'000'000'000'000);
  f("1e19", WholeKind::too_large);
  f("1e400", WholeKind::too_large);
  f("1e99999999999999999999", WholeKind::too_large);
  f("0.5", WholeKind::fractional);
  f("1e-1", WholeKind::fractional);
  f("1e-400", WholeKind::fractional);
  f("1600000000000.0000000001", WholeKind::fractional);
  f("123456789012345678901234567890.5", WholeKind::fractional);
}

TEST(JsonScalar, escapes_become_what_they_mean) {
  const auto f = [](std::string text, std::string_view want) {
    const std::string original = text;
    const auto got = unescape_json(text.data(), text.data() + text.size());
    ASSERT_TRUE(got) << original;
    EXPECT_EQ(*got, want) << original;
    EXPECT_EQ(got->data(), text.data()) << original;
  };
  f("", "");
  f("plain", "plain");
  f(R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t");
  f(R"(a\u0041\u007fz)", "aA\x7fz");
  f(R"(\u0080\u07ff)", "\xc2\x80\xdf\xbf");
  f(R"(\u0800\uffff)", "\xe0\xa0\x80\xef\xbf\xbf");
  f(R"(\ud7ff\ue000)", "\xed\x9f\xbf\xee\x80\x80");
  f(R"(\ud800\udc00)", "\xf0\x90\x80\x80");
  f(R"(\uDBFF\uDFFF)", "\xf4\x8f\xbf\xbf");
  f(R"(K\u00FCche \uD83D\uDE00!)", "Küche 😀!");
  f(R"(\u0000)", std::string_view("\0", 1));
  f(R"(\\u0041)", R"(\u0041)");
}

TEST(JsonScalar, escapes_that_json_does_not_have_are_refused) {
  for (std::string text :
       {R"(\x)",           R"(\')",     R"(\a)",           R"(\0)",           R"(\U0041)",      R"(\)",
        R"(a\)",           R"(\u)",     R"(\u004)",        R"(\u00g1)",       R"(\u+041)",      R"(\u-041)",
        R"(\u 041)",       R"(\u0x4)",  R"(\ud800)",       R"(\ud800x)",      R"(\ud800\n)",    R"(\ud800\u0041)",
        R"(\ud800\ud800)", R"(\udc00)", R"(\udc00\udc00)", R"(\udfff\ud800)", R"(\ud800\udc0)", R"(\ud800\u)",
        R"(\ud800\)"}) {
    const std::string original = text;
    EXPECT_FALSE(unescape_json(text.data(), text.data() + text.size())) << original;
  }
}

}  // namespace
}  // namespace temperature::ingest
