#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "access/registry.h"

namespace temperature::access {

// In memory alone: for tests.
class MemoryRegistry final : public Registry {
 public:
  [[nodiscard]] Result<std::optional<Sensor>> find_sensor(std::string_view id) const override;
  Result<void> put_sensor(const Sensor& sensor) override;
  Result<bool> remove_sensor(std::string_view id) override;
  [[nodiscard]] Result<std::vector<Sensor>> sensors(std::string_view after, std::size_t limit) const override;

  [[nodiscard]] Result<std::optional<ApiKey>> find_key(std::string_view id) const override;
  Result<void> put_key(const ApiKey& key) override;
  Result<bool> remove_key(std::string_view id) override;
  [[nodiscard]] Result<std::vector<ApiKey>> keys(std::string_view after, std::size_t limit) const override;

  [[nodiscard]] Result<std::size_t> made_open() const override;

  void note_use(std::string_view key_id, Timestamp when) override;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Sensor, std::less<>> sensors_;
  std::map<std::string, ApiKey, std::less<>> keys_;
};

}  // namespace temperature::access
