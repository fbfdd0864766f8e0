#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access/limit_policy.h"
#include "access/principal.h"
#include "base/error.h"

namespace temperature::access {

struct Credential;

// A request's credential, wherever it stood.
struct Presented {
  std::string_view authorization;   // the header's value; empty when absent
  std::string_view password;        // the parameter p of InfluxDB's v1 addresses; empty when absent
  std::string_view remote_address;  // an IP address as text
};

// Why a request may not go on.
struct Refusal {
  Error error;
  std::optional<Limited> limited;  // when it is a limit that was reached
};

// What a gate keeps for one connection, so that the next request with the same credential costs a comparison.
struct Visit {
  std::string authorization;                     // the last one that was admitted
  std::shared_ptr<const Credential> credential;  // whose it is
};

// The principal belongs to the visit: it is valid until the next request is admitted with that.
using Admitted = std::expected<const Principal*, Refusal>;

// What the gate did, since the start. Any thread.
struct GateFigures {
  std::atomic<std::uint64_t> missing{0};  // refused: no credential,
  std::atomic<std::uint64_t> invalid{0};  // one that is not valid,
  std::atomic<std::uint64_t> expired{0};
  std::atomic<std::uint64_t> forbidden{0};
  std::atomic<std::uint64_t> signatures{0};                   // checked; what is remembered is not checked again
  std::atomic<std::uint64_t> signatures_wrong{0};             // of these
  std::array<std::atomic<std::uint64_t>, kLimits> limited{};  // by LimitKind
};

// Who is it, may it, and how fast. Thread-safe.
class Gate {
 public:
  virtual ~Gate() = default;

  // Never null. Errors: credential_missing, credential_invalid, credential_expired, forbidden, rate_limited,
  // registry_failed, clock_not_set. Calls with one visit come one after the other.
  [[nodiscard]] virtual Admitted admit(const Presented& presented, Need need, Visit& visit) = 0;

  // Takes `readings` from the limits of the principal: from all of them or, when the limit that is returned is reached,
  // from none. 0 readings take nothing, and ask whether one could be taken.
  [[nodiscard]] virtual std::optional<Limited> charge(const Principal& principal, std::size_t readings) = 0;

  [[nodiscard]] const GateFigures& figures() const { return figures_; }

 protected:
  GateFigures figures_;
};

}  // namespace temperature::access
