#include "http/address_count.h"

#include <gtest/gtest.h>

#include <vector>

namespace temperature::http {
namespace {

boost::asio::ip::address address(const char* text) {
  return boost::asio::ip::make_address(text);
}

TEST(AddressCount, LetsEachAddressHaveSoMany) {
  AddressCount count(2);
  auto first = count.enter(address("10.0.0.1"));
  {
    const auto second = count.enter(address("10.0.0.1"));
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(count.enter(address("10.0.0.1")));
    EXPECT_TRUE(count.enter(address("10.0.0.2")));
  }
  EXPECT_TRUE(count.enter(address("10.0.0.1")));  // one has left
  const auto moved = std::move(first);
  const auto second = count.enter(address("10.0.0.1"));
  EXPECT_FALSE(count.enter(address("10.0.0.1")));  // a ticket that was moved counts once
}

TEST(AddressCount, TakesANetworkForAnAddressInIpv6) {
  AddressCount count(1);
  const auto first = count.enter(address("2001:db8:1:2::1"));
  EXPECT_TRUE(first);
  EXPECT_FALSE(count.enter(address("2001:db8:1:2:ffff:ffff:ffff:ffff")));
  EXPECT_TRUE(count.enter(address("2001:db8:1:3::1")));
}

TEST(AddressCount, KnowsAnIpv4AddressInIpv6) {
  AddressCount count(1);
  const auto first = count.enter(address("10.0.0.1"));
  EXPECT_FALSE(count.enter(address("::ffff:10.0.0.1")));
  EXPECT_TRUE(count.enter(address("::1")));
}

TEST(AddressCount, HasNoBoundWhenItIsZero) {
  AddressCount count(0);
  std::vector<AddressCount::Ticket> tickets;
  for (int i = 0; i < 1'000; ++i) {
    tickets.push_back(count.enter(address("10.0.0.1")));
    ASSERT_TRUE(tickets.back());
  }
}

}  // namespace
}  // namespace temperature::http
