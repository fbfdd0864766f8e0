#pragma once

#include <filesystem>
#include <memory>

#include "access/administration.h"
#include "access/gate.h"
#include "access/rocks_registry.h"
#include "app/data_directory.h"
#include "base/clock.h"
#include "config/settings.h"
#include "model/reading_rules.h"
#include "telemetry/log.h"

namespace temperature::app {

// Who may come in: the registry with its audit log, the limits, and the gate that asks them.
class Entrance {
 public:
  // `clock` and `log` outlive it. Error startup or registry_failed: why nobody could be let in.
  static Result<std::unique_ptr<Entrance>> open(const config::Settings& settings, const DataDirectory& directory,
                                                ReadingRules rules, const Clock& clock, const telemetry::Log& log);
  ~Entrance();
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;

  [[nodiscard]] access::Gate& gate();
  [[nodiscard]] access::Administration& administration();
  [[nodiscard]] const access::RocksRegistry& registry() const;

 private:
  struct Parts;
  explicit Entrance(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace temperature::app
