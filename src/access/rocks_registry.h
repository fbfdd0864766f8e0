#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "access/registry.h"

namespace rocksdb {
class DB;
}

namespace temperature::access {

// In a RocksDB instance of its own (docs/formats/registry.md). Records stay on disk and are read when they are asked
// for, so that the number of sensors costs neither memory nor time at the start.
class RocksRegistry final : public Registry {
 public:
  // Makes the folder if it is not there. Error registry_failed.
  static Result<std::unique_ptr<RocksRegistry>> open(const std::filesystem::path& folder);
  ~RocksRegistry() override;

  // Reads all of a registry that is not in use, and changes nothing; one that is not there is empty. Error
  // registry_failed: what is damaged.
  struct Inspected {
    std::uint64_t sensors = 0;
    std::uint64_t keys = 0;
  };
  struct Visitor {
    std::function<void(const Sensor&)> sensor = [](const Sensor&) {};
    std::function<void(const ApiKey&)> key = [](const ApiKey&) {};
  };
  static Result<Inspected> inspect(const std::filesystem::path& folder, const Visitor& visitor);
  static Result<Inspected> inspect(const std::filesystem::path& folder) { return inspect(folder, Visitor()); }

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

  // For backups.
  [[nodiscard]] rocksdb::DB& db() const;

 private:
  struct Store;
  explicit RocksRegistry(std::unique_ptr<Store> store);

  std::unique_ptr<Store> store_;
};

}  // namespace temperature::access
