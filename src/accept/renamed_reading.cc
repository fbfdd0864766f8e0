#include "accept/renamed_reading.h"

#include <utility>

#include "model/name.h"

namespace temperature::accept {

Result<bool> normalise_names(RenamedReading& renamed) {
  ingest::RawReading& reading = renamed.reading;
  const std::string_view quantity = reading.quantity;
  bool changed = false;
  std::size_t place = 0;
  for (const auto& [what, name] : {std::pair("building", &reading.building), std::pair("room", &reading.room),
                                   std::pair("sensor", &reading.sensor), std::pair("quantity", &reading.quantity)}) {
    std::string& made = renamed.made[place++];
    const bool left_out = name->empty() && (name == &reading.building || name == &reading.quantity);
    if (left_out) continue;
    const auto normal = normalise_name(what, *name, made);
    if (!normal) return std::unexpected(normal.error());
    changed = changed || *normal != *name;
    *name = *normal;
  }
  if (reading.quantity != quantity) reading.memo = nullptr;
  return changed;
}

}  // namespace temperature::accept
