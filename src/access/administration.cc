#include "access/administration.h"

#include <fmt/format.h>

#include <optional>

namespace temperature::access {
namespace {

bool same_but_for_its_time(Sensor kept, const Sensor& sensor) {
  kept.registered = sensor.registered;
  return kept == sensor;
}

// Whether it is known that there is nothing to remove. What cannot be looked up may be there.
template <class Found>
bool is_absent(const Result<std::optional<Found>>& found) {
  return found && !*found;
}

}  // namespace

// The line is written first: a change without one cannot happen. A change that then fails gets another line.
template <class Change>
auto Administration::audited(const AuditLog::Entry& entry, const TraceIds& trace, Line line, Change change)
    -> decltype(change()) {
  if (auto noted = audit_.append(entry); !noted) {
    if (line == Line::must_be) {
      return failure(noted.error().code, "nothing is changed without a line for it: " + noted.error().detail);
    }
    options_.unaudited(noted.error(), AuditLog::line_of(entry), trace);
  }
  auto changed = change();
  if (!changed) {
    const std::string failed = fmt::format("{}.failed", entry.action);
    static_cast<void>(audit_.append({clock_.now(), entry.actor, failed, entry.subject, {}}));
  }
  return changed;
}

Result<Sensor> Administration::put_sensor(const Actor& actor, Sensor sensor) {
  sensor.registered = clock_.now();
  sensor.made_open = options_.open;
  const std::scoped_lock lock(changing_);
  auto kept = registry_.find_sensor(sensor.id);
  if (!kept) return std::unexpected(std::move(kept.error()));
  if (*kept && same_but_for_its_time(**kept, sensor)) return std::move(**kept);
  std::string detail;
  append_json(detail, sensor);
  auto put = audited({sensor.registered, actor.name, "sensor.put", sensor.id, detail}, actor.trace, Line::must_be,
                     [&] { return registry_.put_sensor(sensor); });
  if (!put) return std::unexpected(std::move(put.error()));
  options_.changed({.what = "registered a sensor", .actor = actor, .id = sensor.id, .name = {}});
  return sensor;
}

Result<void> Administration::remove_sensor(const Actor& actor, std::string_view id) {
  const std::scoped_lock lock(changing_);
  if (is_absent(registry_.find_sensor(id))) {
    return failure(ErrorCode::sensor_unknown, fmt::format("no sensor \"{}\" is registered", id));
  }
  const auto removed = audited({clock_.now(), actor.name, "sensor.remove", id, {}}, actor.trace, Line::may_fail,
                               [&] { return registry_.remove_sensor(id); });
  if (!removed) return std::unexpected(removed.error());
  options_.changed({.what = "revoked a sensor", .actor = actor, .id = id, .name = {}});
  return {};
}

Result<Administration::MadeKey> Administration::make_key(const Actor& actor, KeyWish wish) {
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
  made.key.made_open = options_.open;
  std::string detail;
  append_json(detail, made.key);
  const std::scoped_lock lock(changing_);
  auto put = audited({now, actor.name, "key.make", made.key.id, detail}, actor.trace, Line::must_be,
                     [&] { return registry_.put_key(made.key); });
  if (!put) return std::unexpected(std::move(put.error()));
  options_.changed({.what = "made a key", .actor = actor, .id = made.key.id, .name = made.key.name});
  return made;
}

Result<void> Administration::remove_key(const Actor& actor, std::string_view id) {
  const std::scoped_lock lock(changing_);
  if (is_absent(registry_.find_key(id))) {
    return failure(ErrorCode::key_unknown, fmt::format("there is no key \"{}\"", id));
  }
  const auto removed = audited({clock_.now(), actor.name, "key.remove", id, {}}, actor.trace, Line::may_fail,
                               [&] { return registry_.remove_key(id); });
  if (!removed) return std::unexpected(removed.error());
  options_.changed({.what = "revoked a key", .actor = actor, .id = id, .name = {}});
  return {};
}

}  // namespace temperature::access
