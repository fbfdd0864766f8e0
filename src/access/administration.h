#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "access/audit_log.h"
#include "access/registration.h"
#include "access/registry.h"
#include "base/clock.h"
#include "base/trace_context.h"

namespace temperature::access {

// Who changes something: the credential's name, and the request that asks for it.
struct Actor {
  Actor(std::string_view its_name, const TraceIds& its_trace = {})  // NOLINT(google-explicit-constructor)
      : name(its_name), trace(its_trace) {}
  Actor(const char* its_name) : name(its_name) {}         // NOLINT(google-explicit-constructor)
  Actor(const std::string& its_name) : name(its_name) {}  // NOLINT(google-explicit-constructor)

  std::string_view name;
  TraceIds trace = {};
};

// What Administration does in its own way.
struct AdministrationOptions {
  bool open = false;  // nobody is asked for a credential: what is registered is marked so (Sensor::made_open)
  // Is told of a revocation that was made although the audit log could not be written: why, and its line. Any thread.
  std::function<void(const Error& why, std::string_view line, const TraceIds& trace)> unaudited =
      [](const Error&, std::string_view, const TraceIds&) {};
  // Is told of each change that was made. Any thread.
  struct Change {
    std::string_view what;  // "registered a sensor", "revoked a key", ...
    const Actor& actor;
    std::string_view id;
    std::string_view name;  // of a key; empty when it is not known
  };
  std::function<void(const Change& change)> changed = [](const Change&) {};
};

// Changes of the registry, each with its line in the audit log, and no line for what changes nothing. Without a line
// nothing is changed, but for revocations: whoever must not come in any more is kept out also while the disk is full.
// Thread-safe.
class Administration {
 public:
  // All outlive it.
  Administration(Registry& registry, AuditLog& audit, const Clock& clock, AdministrationOptions options = {})
      : registry_(registry), audit_(audit), clock_(clock), options_(std::move(options)) {}

  // Registers a sensor, or replaces its registration; what is not among its keys any more is revoked at once. Gives
  // back what is kept: a registration that is put again just so keeps its time. Error registry_failed.
  Result<Sensor> put_sensor(const Actor& actor, Sensor sensor);

  // Errors: sensor_unknown, registry_failed.
  Result<void> remove_sensor(const Actor& actor, std::string_view id);

  struct MadeKey {
    ApiKey key;
    std::string text;  // the key itself: told once, and kept nowhere
  };
  // Errors: registration_invalid when it would have expired already, registry_failed.
  Result<MadeKey> make_key(const Actor& actor, KeyWish wish);

  // Errors: key_unknown, registry_failed.
  Result<void> remove_key(const Actor& actor, std::string_view id);

  [[nodiscard]] const Registry& registry() const { return registry_; }

 private:
  enum class Line : std::uint8_t { must_be, may_fail };
  template <class Change>
  auto audited(const AuditLog::Entry& entry, const TraceIds& trace, Line line, Change change) -> decltype(change());

  Registry& registry_;
  AuditLog& audit_;
  const Clock& clock_;
  AdministrationOptions options_;
  std::mutex changing_;  // one change at a time: what was looked up first is still so when the line is written
};

}  // namespace temperature::access
