#include "client/pages.h"

#include <gtest/gtest.h>

#include "client/bounds.h"

namespace temperature::client {
namespace {

class PagesTest : public ::testing::Test {
 protected:
  Result<bool> turn(const std::string& page, std::size_t rows = 1) {
    const simdjson::padded_string bytes(page);
    simdjson::dom::object object;
    EXPECT_EQ(parser_.parse(bytes).get(object), simdjson::SUCCESS);
    return pages_.turn(object, rows);
  }
  Result<bool> turn_to(const std::string& next, std::size_t rows = 1) {
    return turn(R"({"next":")" + next + "\"}", rows);
  }

  Pages pages_;
  simdjson::dom::parser parser_;
};

TEST_F(PagesTest, end_where_no_next_one_is_named) {
  EXPECT_EQ(pages_.cursor(), "");
  EXPECT_TRUE(turn_to("a").value());
  EXPECT_EQ(pages_.cursor(), "a");
  EXPECT_FALSE(turn(R"({"next":null})").value());
  EXPECT_FALSE(turn("{}").value());
  EXPECT_FALSE(turn_to("").value());
}

TEST_F(PagesTest, refuse_a_next_one_that_is_no_text) {
  for (const char* page : {R"({"next":1})", R"({"next":[]})", R"({"next":{}})", R"({"next":true})"}) {
    EXPECT_FALSE(turn(page)) << page;
  }
  EXPECT_FALSE(turn_to(std::string(kCursorBytesMax + 1, 'x')));
  EXPECT_TRUE(turn_to(std::string(kCursorBytesMax, 'x')));
}

// A circle of `length` cursors behind `before` others is met before it was gone round four times.
TEST_F(PagesTest, meet_every_circle) {
  for (const int before : {0, 1, 2, 7, 100}) {
    for (const int length : {1, 2, 3, 50, 1'000}) {
      pages_ = Pages();
      int turned = 0;
      const auto name = [&] { return std::to_string(turned < before ? turned : before + (turned - before) % length); };
      while (turn_to(name())) ASSERT_LT(++turned, 4 * (before + length) + 4) << before << " and " << length;
      EXPECT_GE(turned, before + length) << "before it came twice";
    }
  }
}

TEST_F(PagesTest, have_an_end) {
  for (std::size_t i = 0; i < kEmptyPagesMax; ++i) ASSERT_TRUE(turn_to("e" + std::to_string(i), 0));
  EXPECT_FALSE(turn_to("one more", 0));
  pages_ = Pages();
  EXPECT_TRUE(turn_to("a", kListedRowsMax));
  EXPECT_FALSE(turn_to("b", 1));
}

}  // namespace
}  // namespace temperature::client
