#include "access/administration.h"

#include <fmt/format.h>

namespace temperature::access {

// The line is written first: a change without one cannot happen. A change that then fails gets another line.
template <class Change>
auto Administration::audited(std::string_view actor, std::string_view action, std::string_view subject,
                             std::string_view detail, Change change) -> decltype(change()) {
  if (auto noted = audit_.append({clock_.now(), actor, action, subject, detail}); !noted) {
    return std::unexpected(std::move(noted.error()));
  }
  auto changed = change();
  if (!changed) {
    static_cast<void>(audit_.append({clock_.now(), actor, fmt::format("{}.failed", action), subject, {}}));
  }
  return changed;
}

Result<Sensor> Administration::put_sensor(std::string_view actor, Sensor sensor) {
  sensor.registered = clock_.now();
  std::string detail;
  append_json(detail, sensor);
  auto put = audited(actor, "sensor.put", sensor.id, detail, [&] { return registry_.put_sensor(sensor); });
  if (!put) return std::unexpected(std::move(put.error()));
  return sensor;
}

Result<void> Administration::remove_sensor(std::string_view actor, std::string_view id) {
  const auto removed = audited(actor, "sensor.remove", id, {}, [&] { return registry_.remove_sensor(id); });
  if (!removed) return std::unexpected(removed.error());
  if (!*removed) return failure(ErrorCode::sensor_unknown, fmt::format("no sensor \"{}\" is registered", id));
  return {};
}

Result<Administration::MadeKey> Administration::make_key(std::string_view actor, KeyWish wish) {
  const Timestamp now = clock_.now();
  if (wish.expires <= now) return failure(ErrorCode::registration_invalid, "\"expires\" has passed already");
  auto text = make_api_key();
  if (!text) return failure(ErrorCode::registry_failed, std::move(text.error().detail));
  auto secret = hash_secret(text->text);
  if (!secret) return failure(ErrorCode::registry_failed, std::move(secret.error().detail));
  MadeKey made;
  made.text = std::move(text->text);
  made.key.id = std::move(text->id);
  made.key.name = std::move(wish.name);
  made.key.role = wish.role;
  made.key.buildings = std::move(wish.buildings);
  made.key.created = now;
  made.key.expires = wish.expires;
  made.key.secret = *secret;
  std::string detail;
  append_json(detail, made.key);
  auto put = audited(actor, "key.make", made.key.id, detail, [&] { return registry_.put_key(made.key); });
  if (!put) return std::unexpected(std::move(put.error()));
  return made;
}

Result<void> Administration::remove_key(std::string_view actor, std::string_view id) {
  const auto removed = audited(actor, "key.remove", id, {}, [&] { return registry_.remove_key(id); });
  if (!removed) return std::unexpected(removed.error());
  if (!*removed) return failure(ErrorCode::key_unknown, fmt::format("there is no key \"{}\"", id));
  return {};
}

}  // namespace temperature::access
