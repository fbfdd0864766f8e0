#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/api_key.h"
#include "access/principal.h"
#include "access/public_key.h"
#include "base/error.h"
#include "base/keyed_hash.h"
#include "base/time.h"

namespace temperature::limits {

// Keys of one sensor, so that one is replaced without a gap; a registration with more is refused
// (registration_invalid).
inline constexpr std::size_t kKeysPerSensorMax = 2;
// Bytes of UTF-8 in the name of a sensor's key; a longer one is refused (registration_invalid, credential_invalid in a
// token).
inline constexpr std::size_t kKidBytesMax = 128;
// Buildings of one API key or quantities of one sensor; a request with more is refused (registration_invalid).
inline constexpr std::size_t kScopeNamesMax = 64;
// Changed records that are remembered for a copy of the registry; when there are more, all of them are compared.
inline constexpr std::size_t kChangedRecordsMax = 4'096;
// Sensors or keys of one page of the registry; a larger `limit` is refused (parameter_invalid).
inline constexpr std::size_t kPageRegisteredMax = 1'000;

}  // namespace temperature::limits

namespace temperature::access {

struct SensorKey {
  std::string kid;
  PublicKey key;

  bool operator==(const SensorKey&) const = default;
};

// A sensor that may send: its keys, and what it may write.
struct Sensor {
  std::string id;
  std::vector<SensorKey> keys;  // 1..limits::kKeysPerSensorMax, each kid once
  std::string building;         // empty: any
  std::string room;
  std::vector<std::string> quantities;
  Timestamp registered;    // when it was last put
  bool made_open = false;  // while nobody was asked for a credential (--dev): it lets nobody in where somebody is

  [[nodiscard]] const SensorKey* find_key(std::string_view kid) const;
  bool operator==(const Sensor&) const = default;
};

// A key of a person or a program, without the key itself.
struct ApiKey {
  std::string id;
  std::string name;  // what people call it
  Role role = Role::reader;
  std::vector<std::string> buildings;  // empty: all
  Timestamp created;
  Timestamp expires = kTimestampMax;
  std::optional<Timestamp> last_used;  // to the minute
  bool made_open = false;              // as of a sensor
  SecretHash secret;

  bool operator==(const ApiKey&) const = default;
};

// Which records were changed since they were asked for last: for one who keeps a copy of the registry. Thread-safe.
class ChangedRecords {
 public:
  struct Taken {
    std::vector<std::string> ids = {};  // of sensors and keys; each once
    bool all = false;                   // more than are remembered: any may have changed
  };
  // All at first: nobody knows of any yet.
  Taken take();
  void note(std::string_view id);
  [[nodiscard]] bool any() const { return any_.load(std::memory_order_acquire); }

 private:
  std::mutex mutex_;
  Taken changed_{.all = true};  // guarded by mutex_
  std::atomic<bool> any_{true};
};

// Tells cheaply whether a record may have changed: a number for each of some groups of ids, raised after a change and
// before that is acknowledged. What was made from a record holds while the number is the one from before the record
// was read.
class Versions {
 public:
  [[nodiscard]] std::uint32_t of(std::string_view id) const { return slot(id).load(std::memory_order_acquire); }
  void raise(std::string_view id) {
    slot(id).fetch_add(1, std::memory_order_acq_rel);
    changed_.note(id);
  }
  [[nodiscard]] ChangedRecords& changed() const { return changed_; }

 private:
  static constexpr std::size_t kGroups = 4'096;
  [[nodiscard]] std::atomic<std::uint32_t>& slot(std::string_view id) const {
    return groups_[keyed_hash(id) % kGroups];
  }
  mutable std::array<std::atomic<std::uint32_t>, kGroups> groups_{};
  mutable ChangedRecords changed_;
};

// Which sensors and keys there are. What put_...() and remove_...() did is durable, and seen by every find_...() that
// begins afterwards. Thread-safe. Error of all: registry_failed.
class Registry {
 public:
  virtual ~Registry() = default;

  [[nodiscard]] virtual Result<std::optional<Sensor>> find_sensor(std::string_view id) const = 0;
  virtual Result<void> put_sensor(const Sensor& sensor) = 0;
  virtual Result<bool> remove_sensor(std::string_view id) = 0;  // false: there is none
  // In order of id, after `after` (empty: from the first).
  [[nodiscard]] virtual Result<std::vector<Sensor>> sensors(std::string_view after, std::size_t limit) const = 0;

  [[nodiscard]] virtual Result<std::optional<ApiKey>> find_key(std::string_view id) const = 0;
  virtual Result<void> put_key(const ApiKey& key) = 0;
  virtual Result<bool> remove_key(std::string_view id) = 0;
  [[nodiscard]] virtual Result<std::vector<ApiKey>> keys(std::string_view after, std::size_t limit) const = 0;

  // How many sensors and keys were made open.
  [[nodiscard]] virtual Result<std::size_t> made_open() const = 0;

  // Notes that a key was used. Not synced: a crash may lose it. Does not raise its version.
  virtual void note_use(std::string_view key_id, Timestamp when) = 0;

  [[nodiscard]] const Versions& versions() const { return versions_; }

 protected:
  Versions versions_;
};

}  // namespace temperature::access
