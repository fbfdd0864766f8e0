#include "access/memory_registry.h"

#include <algorithm>

namespace temperature::access {
namespace {

template <class Map>
auto find_in(const Map& map, std::string_view id) {
  const auto found = map.find(id);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

template <class Map>
auto page_of(const Map& map, std::string_view after, std::size_t limit) {
  std::vector<typename Map::mapped_type> page;
  for (auto next = map.upper_bound(after); next != map.end() && page.size() < limit; ++next) {
    page.push_back(next->second);
  }
  return page;
}

template <class Map>
bool remove_from(Map& map, std::string_view id) {
  const auto found = map.find(id);
  if (found == map.end()) return false;
  map.erase(found);
  return true;
}

}  // namespace

Result<std::optional<Sensor>> MemoryRegistry::find_sensor(std::string_view id) const {
  const std::scoped_lock lock(mutex_);
  return find_in(sensors_, id);
}

Result<void> MemoryRegistry::put_sensor(const Sensor& sensor) {
  const std::scoped_lock lock(mutex_);
  sensors_.insert_or_assign(sensor.id, sensor);
  versions_.raise(sensor.id);
  return {};
}

Result<bool> MemoryRegistry::remove_sensor(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  const bool removed = remove_from(sensors_, id);
  versions_.raise(id);
  return removed;
}

Result<std::vector<Sensor>> MemoryRegistry::sensors(std::string_view after, std::size_t limit) const {
  const std::scoped_lock lock(mutex_);
  return page_of(sensors_, after, limit);
}

Result<std::optional<ApiKey>> MemoryRegistry::find_key(std::string_view id) const {
  const std::scoped_lock lock(mutex_);
  return find_in(keys_, id);
}

Result<void> MemoryRegistry::put_key(const ApiKey& key) {
  const std::scoped_lock lock(mutex_);
  keys_.insert_or_assign(key.id, key);
  versions_.raise(key.id);
  return {};
}

Result<bool> MemoryRegistry::remove_key(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  const bool removed = remove_from(keys_, id);
  versions_.raise(id);
  return removed;
}

Result<std::vector<ApiKey>> MemoryRegistry::keys(std::string_view after, std::size_t limit) const {
  const std::scoped_lock lock(mutex_);
  return page_of(keys_, after, limit);
}

Result<std::size_t> MemoryRegistry::made_open() const {
  const std::scoped_lock lock(mutex_);
  const auto is_open = [](const auto& entry) { return entry.second.made_open; };
  return static_cast<std::size_t>(std::ranges::count_if(sensors_, is_open) + std::ranges::count_if(keys_, is_open));
}

void MemoryRegistry::note_use(std::string_view key_id, Timestamp when) {
  const std::scoped_lock lock(mutex_);
  const auto found = keys_.find(key_id);
  if (found != keys_.end()) found->second.last_used = when;
}

}  // namespace temperature::access
