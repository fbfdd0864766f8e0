#include "base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace temperature {
namespace {

const std::vector<std::string> kKnown{"retention", "range", "listen", "limit-key"};

TEST(Nearest, TakesTheFewestChanges) {
  EXPECT_EQ(nearest("retentoin", kKnown), "retention");
  EXPECT_EQ(nearest("rage", kKnown), "range");
  EXPECT_EQ(nearest("listen", kKnown), "listen");
  EXPECT_EQ(nearest("limitkey", kKnown), "limit-key");
}

TEST(Nearest, TheFirstOfSeveral) {
  const std::vector<std::string> alike{"ab", "ac"};
  EXPECT_EQ(nearest("ad", alike), "ab");
}

TEST(Nearest, NothingIsKnown) {
  EXPECT_EQ(nearest("retention", {}), "");
  EXPECT_EQ(nearest("", kKnown), "range");  // five letters to add; the others have more
}

}  // namespace
}  // namespace temperature
