#pragma once

#include <string>
#include <string_view>

#include "access/audit_log.h"
#include "access/registration.h"
#include "access/registry.h"
#include "base/clock.h"

namespace temperature::access {

// Changes of the registry, each with its line in the audit log. `actor` is the credential's name. Thread-safe.
class Administration {
 public:
  // All outlive it.
  Administration(Registry& registry, AuditLog& audit, const Clock& clock)
      : registry_(registry), audit_(audit), clock_(clock) {}

  // Registers a sensor, or replaces its registration; what is not among its keys any more is revoked at once. Gives
  // back what is kept. Error registry_failed.
  Result<Sensor> put_sensor(std::string_view actor, Sensor sensor);

  // Errors: sensor_unknown, registry_failed.
  Result<void> remove_sensor(std::string_view actor, std::string_view id);

  struct MadeKey {
    ApiKey key;
    std::string text;  // the key itself: told once, and kept nowhere
  };
  // Errors: registration_invalid when it would have expired already, registry_failed.
  Result<MadeKey> make_key(std::string_view actor, KeyWish wish);

  // Errors: key_unknown, registry_failed.
  Result<void> remove_key(std::string_view actor, std::string_view id);

  [[nodiscard]] const Registry& registry() const { return registry_; }

 private:
  template <class Change>
  auto audited(std::string_view actor, std::string_view action, std::string_view subject, std::string_view detail,
               Change change) -> decltype(change());

  Registry& registry_;
  AuditLog& audit_;
  const Clock& clock_;
};

}  // namespace temperature::access
