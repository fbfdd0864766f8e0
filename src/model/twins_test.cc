#include "model/twins.h"

#include <gtest/gtest.h>

namespace temperature {
namespace {

using Kind = NameFinding::Kind;
using Findings = std::vector<NameFinding>;

TEST(Twins, names_that_become_one_are_twins) {
  NameCheck check;
  check.add_series("main", "kitchen", "s1", "temperature");
  check.add_series("main", "kitchen ", "s1", "temperature");
  check.add_series("main", "\"kitchen\"", "s1", "temperature");
  const std::string where = "in building \"main\"";
  EXPECT_EQ(check.findings(),
            (Findings{{Kind::twins, "room", where, {"\"kitchen\"", "kitchen", "kitchen "}, "kitchen"}}));
}

TEST(Twins, a_sensor_is_looked_at_in_the_room_that_its_room_becomes) {
  NameCheck check;
  check.add_series("main", "hall", "s1", "temperature");
  check.add_series("main", " hall", " s1", "temperature");
  check.add_series("main", "attic", "s1 ", "temperature");
  const std::string where = "in building \"main\"";
  EXPECT_EQ(check.findings(), (Findings{{Kind::twins, "room", where, {" hall", "hall"}, "hall"},
                                        {Kind::changed, "sensor", "in room \"attic\" " + where, {"s1 "}, "s1"},
                                        {Kind::twins, "sensor", "in room \"hall\" " + where, {" s1", "s1"}, "s1"}}));
}

TEST(Twins, names_that_differ_in_case_are_a_hint) {
  NameCheck check;
  check.add_registered_sensor("STRASSE");
  check.add_registered_sensor(
      "stra\xc3\x9f"
      "e");  // Unicode folds sharp s to ss (CaseFolding.txt, status F)
  check.add_quantity("co2");
  check.add_quantity("CO2");
  EXPECT_EQ(check.findings(), (Findings{{Kind::case_only, "quantity", "", {"CO2", "co2"}, ""},
                                        {Kind::case_only,
                                         "registered sensor",
                                         "",
                                         {"STRASSE",
                                          "stra\xc3\x9f"
                                          "e"},
                                         ""}}));
}

TEST(Twins, a_name_that_cannot_come_any_more_is_named) {
  NameCheck check;
  check.add_building("main\xe2\x80\x8b");
  check.add_building("main");
  check.add_room("main", "");
  ASSERT_EQ(check.findings().size(), 1U) << "an empty name is none";
  EXPECT_EQ(check.findings()[0].kind, Kind::refused);
  EXPECT_TRUE(check.findings()[0].becomes.contains("U+200B"));
}

}  // namespace
}  // namespace temperature
