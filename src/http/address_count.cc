#include "http/address_count.h"

#include <cstring>

namespace temperature::http {
namespace {

// The address, or the first half of an IPv6 one, as a number. (Those of IPv6 that are in use begin with 2, or f.)
std::uint64_t number_of(const boost::asio::ip::address& address) {
  if (address.is_v4()) return address.to_v4().to_uint();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_uint();
  std::uint64_t number = 0;
  std::memcpy(&number, v6.to_bytes().data(), sizeof number);
  return ~number;  // ::1 is not 0.0.0.0
}

}  // namespace

AddressCount::Ticket AddressCount::enter(const boost::asio::ip::address& address) {
  const std::uint64_t number = number_of(address);
  const std::scoped_lock lock(mutex_);
  std::size_t& count = connections_[number];
  if (connections_max_ != 0 && count >= connections_max_) return {};
  ++count;
  return {*this, number};
}

void AddressCount::leave(std::uint64_t address) {
  const std::scoped_lock lock(mutex_);
  const auto found = connections_.find(address);
  if (--found->second == 0) connections_.erase(found);
}

}  // namespace temperature::http
