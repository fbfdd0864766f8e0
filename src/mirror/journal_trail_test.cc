#include "mirror/journal_trail.h"

#include <gtest/gtest.h>

namespace temperature::mirror {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr JournalTrail::Time kStart{std::chrono::hours(100)};

TEST(JournalTrail, tells_how_much_stands_behind_a_record_and_since_when) {
  JournalTrail trail(Position(10), 500, kStart);
  trail.note(Position(20), 1'000, 7, kStart + seconds(1));
  trail.note(Position(30), 3'000, 10, kStart + seconds(2));
  EXPECT_EQ(trail.bytes_behind(Position(30)), 0U);
  EXPECT_EQ(trail.bytes_behind(Position(20)), 2'000U);
  EXPECT_EQ(trail.bytes_behind(Position(25)), 2'000U) << "more rather than less";
  EXPECT_EQ(trail.bytes_behind(Position(10)), 3'000U);
  EXPECT_EQ(trail.bytes_behind(Position(3)), 3'500U) << "all that was there at the start";
  EXPECT_EQ(trail.readings_behind(Position(30)), 0U);
  EXPECT_EQ(trail.readings_behind(Position(20)), 3U);
  EXPECT_EQ(trail.readings_behind(Position(3)), 10U);
  EXPECT_EQ(trail.age_behind(Position(30), kStart + seconds(9)), milliseconds(0));
  EXPECT_EQ(trail.age_behind(Position(20), kStart + seconds(9)), seconds(8));
  EXPECT_EQ(trail.age_behind(Position(3), kStart + seconds(9)), seconds(9));
}

TEST(JournalTrail, does_not_take_a_record_for_older_than_the_silence_before_it) {
  JournalTrail trail(Position(10), 0, kStart);
  trail.note(Position(20), 100, 0, kStart + seconds(1));
  trail.note(Position(20), 100, 0, kStart + seconds(100));
  trail.note(Position(21), 110, 0, kStart + seconds(101));
  EXPECT_EQ(trail.age_behind(Position(20), kStart + seconds(102)), seconds(2));
}

TEST(JournalTrail, finds_the_record_of_a_time_and_of_a_size) {
  JournalTrail trail(Position(10), 500, kStart);
  trail.note(Position(20), 1'000, 7, kStart + seconds(1));
  trail.note(Position(30), 3'000, 10, kStart + seconds(2));
  EXPECT_EQ(trail.at(kStart - seconds(1)), Position());
  EXPECT_EQ(trail.at(kStart + milliseconds(1'500)), Position(20));
  EXPECT_EQ(trail.at(kStart + seconds(5)), Position(30));
  EXPECT_EQ(trail.with_bytes_behind(0), Position(30));
  EXPECT_EQ(trail.with_bytes_behind(1'999), Position(30));
  EXPECT_EQ(trail.with_bytes_behind(2'000), Position(20));
  EXPECT_EQ(trail.with_bytes_behind(10'000), Position(10));
}

TEST(JournalTrail, is_bounded_and_stays_careful) {
  JournalTrail trail(Position(0), 0, kStart);
  for (std::uint64_t i = 1; i <= 100'000; ++i) trail.note(Position(i), i * 10, i, kStart + seconds(i));
  for (const std::uint64_t i : {1U, 777U, 50'001U, 99'990U}) {
    EXPECT_GE(trail.bytes_behind(Position(i)), 1'000'000 - i * 10);
    EXPECT_LE(trail.bytes_behind(Position(i)), 1'000'000 - i * 10 + 10 * 100) << i;
    EXPECT_LE(trail.at(kStart + seconds(i)), Position(i));
  }
  EXPECT_EQ(trail.bytes_behind(Position(100'000)), 0U);
}

}  // namespace
}  // namespace temperature::mirror
