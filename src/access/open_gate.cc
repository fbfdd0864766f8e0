#include "access/open_gate.h"

namespace temperature::access {

Admitted OpenGate::admit(const Presented&, Need, Visit&) {
  return &everybody_;
}

std::optional<Limited> OpenGate::charge(const Principal& principal, std::size_t readings) {
  if (limits_ == nullptr) return std::nullopt;
  auto limited = limits_->charge(principal, readings);
  if (limited) figures_.limited[static_cast<std::size_t>(limited->kind)].fetch_add(1, std::memory_order_relaxed);
  return limited;
}

}  // namespace temperature::access
