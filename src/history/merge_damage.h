#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace temperature::history {

// Where RocksDB's merges (its compactions) met damage. RocksDB would take that for a reason to refuse all writes until
// it is opened again; here the families in which it lies are left as they are, and the rest goes on. Thread-safe.
class MergeDamage {
 public:
  MergeDamage() = default;
  MergeDamage(const MergeDamage&) = delete;
  MergeDamage& operator=(const MergeDamage&) = delete;

  // Tells this object, which must outlive the database, and `log` of what RocksDB meets.
  std::shared_ptr<rocksdb::EventListener> listener(std::function<void(const std::string&)> log);

  [[nodiscard]] bool met_in(std::uint32_t family) const { return (met_.load() & bit(family)) != 0; }
  // True once for each family in which it was met.
  bool take_news_of(std::uint32_t family) { return met_in(family) && (told_.fetch_or(bit(family)) & bit(family)) == 0; }

 private:
  class Listener;
  static std::uint32_t bit(std::uint32_t family) { return std::uint32_t{1} << (family % 32); }

  std::atomic<std::uint32_t> met_{0};  // a bit for each family
  std::atomic<std::uint32_t> told_{0};
};

}  // namespace temperature::history
