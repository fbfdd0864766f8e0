#include "access/registry.h"

#include <algorithm>
#include <utility>

namespace temperature::access {

const SensorKey* Sensor::find_key(std::string_view kid) const {
  const auto found = std::ranges::find(keys, kid, &SensorKey::kid);
  return found == keys.end() ? nullptr : &*found;
}

ChangedRecords::Taken ChangedRecords::take() {
  const std::lock_guard lock(mutex_);
  any_.store(false, std::memory_order_release);
  return std::exchange(changed_, {});
}

void ChangedRecords::note(std::string_view id) {
  const std::lock_guard lock(mutex_);
  any_.store(true, std::memory_order_release);
  if (changed_.all || std::ranges::find(changed_.ids, id) != changed_.ids.end()) return;
  if (changed_.ids.size() < limits::kChangedRecordsMax) {
    changed_.ids.emplace_back(id);
    return;
  }
  changed_ = {.all = true};
}

}  // namespace temperature::access
