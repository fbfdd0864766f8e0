#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/keyed_hash.h"

namespace temperature::http {

// How many connections each address has. For IPv6 a network of 64 bits counts as one address: whoever has one has all
// of it. Thread-safe.
class AddressCount {
 public:
  // One connection of the address, while it lives.
  class Ticket {
   public:
    Ticket() = default;  // of none
    ~Ticket() {
      if (count_ != nullptr) count_->leave(address_);
    }
    Ticket(Ticket&& other) noexcept : count_(std::exchange(other.count_, nullptr)), address_(other.address_) {}
    Ticket& operator=(Ticket&&) = delete;
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

    [[nodiscard]] explicit operator bool() const { return count_ != nullptr; }

   private:
    friend class AddressCount;
    Ticket(AddressCount& count, std::uint64_t address) : count_(&count), address_(address) {}

    AddressCount* count_ = nullptr;
    std::uint64_t address_ = 0;
  };

  explicit AddressCount(std::size_t connections_max) : connections_max_(connections_max) {}  // 0: any number

  // Of none when the address has as many connections as it may. The count outlives the ticket.
  [[nodiscard]] Ticket enter(const boost::asio::ip::address& address);

 private:
  void leave(std::uint64_t address);

  const std::size_t connections_max_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::size_t, KeyedHash> connections_;
};

}  // namespace temperature::http
