#include "access/principal.h"

#include <gtest/gtest.h>

namespace temperature::access {
namespace {

// One character for each Need, in their order: whether it may.
std::string needs_of(Role role, std::vector<std::string> buildings = {}) {
  Principal principal{.role = role};
  principal.permit.buildings = std::move(buildings);
  std::string all;
  for (const Need need : {Need::nothing, Need::docs, Need::metrics, Need::read, Need::write, Need::admin}) {
    all += principal.may(need) ? "x" : "-";
  }
  return all;
}

TEST(Principal, MayWhatItsRoleSays) {
  EXPECT_EQ(needs_of(Role::nobody), "x-----");
  EXPECT_EQ(needs_of(Role::sensor), "xx--x-");
  EXPECT_EQ(needs_of(Role::writer), "xx--x-");
  EXPECT_EQ(needs_of(Role::reader), "xxxx--");
  EXPECT_EQ(needs_of(Role::admin), "xxxxxx");
}

TEST(Principal, SeesNoFiguresOfOtherBuildings) {
  EXPECT_EQ(needs_of(Role::reader, {"north"}), "xx-x--");
}

}  // namespace
}  // namespace temperature::access
