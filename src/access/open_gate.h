#pragma once

#include "access/gate.h"

namespace temperature::access {

// Lets everybody do everything, as fast as the service's own limit allows: --dev, on loopback only.
class OpenGate final : public Gate {
 public:
  // `limits` outlives the gate; nullptr: none.
  explicit OpenGate(LimitPolicy* limits = nullptr) : limits_(limits) {}

  [[nodiscard]] Admitted admit(const Presented& presented, Need need, Visit& visit) override;
  [[nodiscard]] std::optional<Limited> charge(const Principal& principal, std::size_t readings) override;

 private:
  LimitPolicy* limits_;
  const Principal everybody_{.role = Role::admin, .name = "dev", .subject = {}, .permit = {}};
};

}  // namespace temperature::access
