#include "accept/name_check.h"

#include <fmt/format.h>

#include <utility>

#include "base/utf8.h"
#include "model/name_limits.h"

namespace temperature::accept {

Result<void> check_name(std::string_view field, std::string_view name, std::size_t bytes_max) {
  if (name.empty()) return failure(ErrorCode::id_invalid, fmt::format("{} is empty", field));
  if (name.size() > bytes_max) {
    return failure(ErrorCode::id_invalid,
                   fmt::format("{} has {} bytes; at most {} are allowed", field, name.size(), bytes_max));
  }
  if (!valid_utf8(name)) return failure(ErrorCode::id_invalid, fmt::format("{} is not valid UTF-8", field));
  if (has_control_characters(name)) {
    return failure(ErrorCode::id_invalid, fmt::format("{} has control characters", field));
  }
  return {};
}

Result<void> check_names(const SeriesKey& key) {
  using Field = std::pair<std::string_view, std::string_view>;
  for (const auto& [field, name] : {Field{"building", key.building}, Field{"room", key.room},
                                    Field{"sensor", key.sensor}, Field{"quantity", key.quantity}}) {
    const std::size_t bytes_max = field == "sensor" ? limits::kSensorNameBytesMax : limits::kNameBytesMax;
    if (auto checked = check_name(field, name, bytes_max); !checked) return checked;
  }
  return {};
}

}  // namespace temperature::accept
