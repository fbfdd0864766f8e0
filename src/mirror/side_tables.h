#pragma once

#include <map>
#include <string>
#include <vector>

#include "access/registry.h"
#include "base/error.h"
#include "mirror/target.h"
#include "postgres/connection.h"
#include "postgres/transaction.h"

namespace temperature::mirror {

// Keeps the database's copies of what is no reading: sensors, API keys (their hashes) and settings. Whoever has the
// fence writes them; each change is a transaction. One thread at a time. A failure leaves it to the next call.
class SideTables {
 public:
  using Settings = std::map<std::string, std::string>;

  // The registry outlives it.
  SideTables(const access::Registry& registry, Settings settings)
      : registry_(registry), settings_(std::move(settings)) {}

  // Another connection, perhaps another database: everything is compared again.
  void forget();
  [[nodiscard]] bool due() const {
    return !settings_written_ || !pending_.ids.empty() || pending_.all || changed().any();
  }
  // Brings them up to date. False: the fence is not `fence` any more, and nothing was done.
  postgres::Outcome<bool> bring_up(postgres::Connection& connection, const Fence& fence);

 private:
  [[nodiscard]] access::ChangedRecords& changed() const { return registry_.versions().changed(); }
  postgres::Outcome<bool> put_settings(postgres::Connection& connection, const Fence& fence);
  postgres::Outcome<bool> put_all(postgres::Connection& connection, const Fence& fence);
  postgres::Outcome<bool> put_changed(postgres::Connection& connection, const Fence& fence);
  static postgres::Outcome<void> put(postgres::Connection& connection, const std::vector<access::Sensor>& sensors);
  static postgres::Outcome<void> put(postgres::Connection& connection, const std::vector<access::ApiKey>& keys);

  const access::Registry& registry_;
  const Settings settings_;
  bool settings_written_ = false;
  access::ChangedRecords::Taken pending_{.all = true};
};

}  // namespace temperature::mirror
