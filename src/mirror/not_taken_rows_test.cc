#include "mirror/not_taken_rows.h"

#include <gtest/gtest.h>

namespace temperature::mirror {
namespace {

TEST(NotTakenRows, are_known_until_they_are_forgotten) {
  NotTakenRows rows;
  rows.add(Position(3), std::vector<std::uint32_t>{1, 5});
  rows.add(Position(7), std::vector<std::uint32_t>{0});
  EXPECT_EQ(rows.of(Position(3)), (std::vector<std::uint32_t>{1, 5}));
  EXPECT_EQ(rows.of(Position(4)), std::vector<std::uint32_t>{});
  EXPECT_EQ(rows.of(Position(7)), std::vector<std::uint32_t>{0});
  EXPECT_EQ(rows.unknown_upto(), Position());
  rows.forget(Position(3));
  EXPECT_EQ(rows.of(Position(3)), std::vector<std::uint32_t>{});
  EXPECT_EQ(rows.of(Position(7)), std::vector<std::uint32_t>{0});
}

TEST(NotTakenRows, are_bounded_and_it_is_said_from_where_on_they_are_known) {
  NotTakenRows rows;
  const std::vector<std::uint32_t> many(limits::kNotTakenRowsMax, 0);
  rows.add(Position(3), many);
  EXPECT_EQ(rows.unknown_upto(), Position());
  rows.add(Position(4), std::vector<std::uint32_t>{9});
  EXPECT_EQ(rows.unknown_upto(), Position(4));
  EXPECT_TRUE(rows.of(Position(3)).empty());
  rows.add(Position(5), std::vector<std::uint32_t>{2});
  EXPECT_EQ(rows.of(Position(5)), std::vector<std::uint32_t>{2});
  EXPECT_EQ(rows.unknown_upto(), Position(4));
}

}  // namespace
}  // namespace temperature::mirror
