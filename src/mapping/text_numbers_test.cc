#include "mapping/text_numbers.h"

#include <gtest/gtest.h>

namespace temperature::mapping {
namespace {

TEST(TextNumbers, in_fields_that_hold_numbers) {
  for (const ReadingRules rules : {ReadingRules::former, ReadingRules::current}) {
    for (const char* field : {"value", "temperature", "humidity", "pressure", "co2"}) {
      EXPECT_TRUE(takes_text(field, rules)) << field;
    }
    for (const char* field : {"version", "state", "values", "", "firmware", "id"}) {
      EXPECT_FALSE(takes_text(field, rules)) << field;
    }
  }
  EXPECT_TRUE(takes_text("tempc", ReadingRules::current));
  EXPECT_FALSE(takes_text("tempc", ReadingRules::former));
  EXPECT_TRUE(takes_text("Relative\\ Humidity", ReadingRules::current));
  EXPECT_TRUE(takes_text("temperature\\ (F)", ReadingRules::current));
  EXPECT_FALSE(takes_text("firmware\\ version", ReadingRules::current));
}

TEST(TextNumbers, are_those_of_csv) {
  EXPECT_EQ(number_in("21.5"), 21.5);
  EXPECT_EQ(number_in("-0.5"), -0.5);
  EXPECT_EQ(number_in(" 21 "), 21);
  EXPECT_EQ(number_in("1e3"), 1000);
  for (const char* none :
       {"", " ", "ON", "nan", "inf", "1e999", "21,5", "0x10", "21.5 C", "1 2", "--1", "1.2.3", "21i"}) {
    EXPECT_EQ(number_in(none), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace temperature::mapping
