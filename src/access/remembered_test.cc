#include "access/remembered.h"

#include <gtest/gtest.h>

#include <cstring>

namespace temperature::access {
namespace {

Digest digest_of(std::uint32_t number) {
  Digest digest{};
  std::memcpy(digest.data(), &number, sizeof number);
  return digest;
}

TEST(Remembered, FindsWhatWasPut) {
  Remembered<int> remembered(1'000);
  EXPECT_EQ(remembered.find(digest_of(1)), std::nullopt);
  remembered.put(digest_of(1), 7);
  EXPECT_EQ(remembered.find(digest_of(1)), 7);
  remembered.put(digest_of(1), 8);
  EXPECT_EQ(remembered.find(digest_of(1)), 8);
  EXPECT_EQ(remembered.size(), 1U);
}

TEST(Remembered, IsBounded) {
  constexpr std::size_t kMax = 3'200;
  Remembered<int> remembered(kMax);
  for (std::uint32_t i = 0; i < 100'000; ++i) remembered.put(digest_of(i), 1);
  EXPECT_LE(remembered.size(), kMax);
  EXPECT_NE(remembered.find(digest_of(99'999)), std::nullopt);
  EXPECT_EQ(remembered.find(digest_of(0)), std::nullopt);
}

TEST(Remembered, KeepsWhatIsAskedFor) {
  Remembered<int> remembered(3'200);
  remembered.put(digest_of(0), 42);
  for (std::uint32_t i = 1; i < 100'000; ++i) {
    remembered.put(digest_of(i), 1);
    ASSERT_EQ(remembered.find(digest_of(0)), 42) << i;
  }
}

}  // namespace
}  // namespace temperature::access
