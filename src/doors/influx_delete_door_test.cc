#include "doors/influx_delete_door.h"

#include <gtest/gtest.h>

namespace temperature::doors {
namespace {

TEST(InfluxPredicate, names_a_room_and_what_of_it) {
  const auto scope = [](std::string_view text) { return read_predicate(text, "here").value_or(Scope{}); };
  EXPECT_EQ(scope(R"(room="hall")"), (Scope{.building = "here", .room = "hall"}));
  EXPECT_EQ(scope(R"( room = "hall" AND building="north"  and sensor="a \"b\" \\ c" AND _measurement="co2" )"),
            (Scope{.building = "north", .room = "hall", .sensor = R"(a "b" \ c)", .quantity = "co2"}));
}

// Whatever is not understood might be meant to keep something.
TEST(InfluxPredicate, anything_else_is_refused) {
  for (const std::string_view text :
       {R"()", R"(sensor="a")", R"(_measurement="co2")", R"(room="")", R"(room=hall)", R"(room="hall)",
        R"(room!="hall")", R"(room="hall" OR room="attic")", R"(room="hall" room="attic")",
        R"(room="hall" AND room="attic")", R"(room="hall" AND)", R"(room="hall" AND host="x")", R"((room="hall"))",
        R"(room="hall" AND "x")", R"(room="h\all")", R"(room="hall\n")", R"(room="hall\)",
        R"(_field="value" AND room="hall")"}) {
    const auto scope = read_predicate(text, "here");
    ASSERT_FALSE(scope) << text;
    EXPECT_EQ(scope.error().code, ErrorCode::parameter_invalid) << text;
  }
}

}  // namespace
}  // namespace temperature::doors
