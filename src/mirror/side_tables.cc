#include "mirror/side_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "access/registry_codec.h"
#include "mirror/fenced_transaction.h"

namespace temperature::mirror {
namespace {

using postgres::Connection;
using postgres::Outcome;
using postgres::Parameters;

// Parts names in a text that becomes an array; names have no control characters.
constexpr std::string_view kSeparator = "\x1f";

Outcome<void> run(Connection& connection, const std::string& sql, const Parameters& parameters) {
  const auto done = connection.run(sql, parameters);
  if (!done) return std::unexpected(done.error());
  return {};
}

std::unexpected<postgres::Failure> here(const Error& error) {
  return std::unexpected(postgres::Failure{.text = error.detail});
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, kSeparator));
}

// Of the records with after < id <= upto (empty: to the last one) those that are not among `ids` go.
Outcome<void> remove_others(Connection& connection, std::string_view table, std::string_view after,
                            std::string_view upto, const std::vector<std::string>& ids) {
  Parameters parameters;
  parameters.text(after);
  parameters.text(upto);
  parameters.texts(std::span<const std::string>(ids));
  return run(
      connection,
      fmt::format("DELETE FROM temperature_service.{} WHERE id > $1 AND ($2 = '' OR id <= $2) AND id <> ALL ($3)",
                  table),
      parameters);
}

template <class Record>
std::vector<std::string> ids_of(const std::vector<Record>& records) {
  std::vector<std::string> ids;
  for (const Record& record : records) ids.push_back(record.id);
  return ids;
}

}  // namespace

void SideTables::forget() {
  settings_written_ = false;
  pending_ = {.all = true};
}

Outcome<bool> SideTables::bring_up(Connection& connection, const Fence& fence) {
  if (changed().any()) {
    auto taken = changed().take();
    pending_.all = pending_.all || taken.all;
    pending_.ids.insert(pending_.ids.end(), taken.ids.begin(), taken.ids.end());
  }
  Outcome<bool> done = true;
  if (!settings_written_) {
    done = put_settings(connection, fence);
    settings_written_ = done && *done;
  }
  if (!done || !*done) return done;
  done = pending_.all ? put_all(connection, fence) : put_changed(connection, fence);
  if (done && *done) pending_ = {};
  return done;
}

Outcome<bool> SideTables::put_settings(Connection& connection, const Fence& fence) {
  return transact(connection, fence, [&]() -> Outcome<void> {
    std::vector<std::string> names;
    std::vector<std::string> values;
    for (const auto& [name, value] : settings_) {
      names.push_back(name);
      values.push_back(value);
    }
    Parameters parameters;
    parameters.texts(std::span<const std::string>(names));
    parameters.texts(std::span<const std::string>(values));
    return run(connection,
               "INSERT INTO temperature_service.settings (name, value) SELECT * FROM unnest($1::text[], $2::text[]) "
               "ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE settings.value <> excluded.value",
               parameters);
  });
}

// Page after page, in order of id: what the registry has is put, what it has not is removed.
Outcome<bool> SideTables::put_all(Connection& connection, const Fence& fence) {
  const auto pages = [&](std::string_view table, auto next_page) -> Outcome<bool> {
    std::string after;
    while (true) {
      const auto page = next_page(after);
      if (!page) return here(page.error());
      const bool last = page->size() < limits::kPageRegisteredMax;
      const std::string upto = last ? std::string() : page->back().id;
      auto done = transact(connection, fence, [&]() -> Outcome<void> {
        auto put_page = put(connection, *page);
        return put_page ? remove_others(connection, table, after, upto, ids_of(*page)) : std::move(put_page);
      });
      if (!done || !*done || last) return done;
      after = upto;
    }
  };
  auto done =
      pages("sensors", [&](std::string_view after) { return registry_.sensors(after, limits::kPageRegisteredMax); });
  if (!done || !*done) return done;
  return pages("api_keys", [&](std::string_view after) { return registry_.keys(after, limits::kPageRegisteredMax); });
}

Outcome<bool> SideTables::put_changed(Connection& connection, const Fence& fence) {
  std::vector<access::Sensor> sensors;
  std::vector<access::ApiKey> keys;
  for (const std::string& id : pending_.ids) {
    auto sensor = registry_.find_sensor(id);
    if (!sensor) return here(sensor.error());
    if (*sensor) sensors.push_back(std::move(**sensor));
    auto key = registry_.find_key(id);
    if (!key) return here(key.error());
    if (*key) keys.push_back(std::move(**key));
  }
  if (pending_.ids.empty()) return true;
  return transact(connection, fence, [&]() -> Outcome<void> {
    Parameters ids;
    ids.texts(std::span<const std::string>(pending_.ids));
    Outcome<void> done = run(connection, "DELETE FROM temperature_service.sensors WHERE id = ANY ($1)", ids);
    if (done) done = run(connection, "DELETE FROM temperature_service.api_keys WHERE id = ANY ($1)", ids);
    if (done) done = put(connection, sensors);
    if (done) done = put(connection, keys);
    return done;
  });
}

Outcome<void> SideTables::put(Connection& connection, const std::vector<access::Sensor>& sensors) {
  if (sensors.empty()) return {};
  std::vector<std::string> buildings;
  std::vector<std::string> rooms;
  std::vector<std::string> quantities;
  std::vector<Timestamp> registered;
  std::vector<std::string> records;
  for (const access::Sensor& sensor : sensors) {
    buildings.push_back(sensor.building);
    rooms.push_back(sensor.room);
    quantities.push_back(joined(sensor.quantities));
    registered.push_back(sensor.registered);
    records.push_back(access::encode(sensor));
  }
  Parameters parameters;
  parameters.texts(std::span<const std::string>(ids_of(sensors)));
  parameters.texts(std::span<const std::string>(buildings));
  parameters.texts(std::span<const std::string>(rooms));
  parameters.texts(std::span<const std::string>(quantities));
  parameters.timestamps(registered);
  parameters.byteas(std::span<const std::string>(records));
  return run(connection,
             "INSERT INTO temperature_service.sensors (id, building, room, quantities, registered, record) "
             "SELECT id, nullif(building, ''), nullif(room, ''), string_to_array(quantities, E'\\x1f'), registered, "
             "record FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bytea[]) "
             "AS had (id, building, room, quantities, registered, record) "
             "ON CONFLICT (id) DO UPDATE SET building = excluded.building, room = excluded.room, "
             "quantities = excluded.quantities, registered = excluded.registered, record = excluded.record "
             "WHERE sensors.record <> excluded.record",
             parameters);
}

Outcome<void> SideTables::put(Connection& connection, const std::vector<access::ApiKey>& keys) {
  if (keys.empty()) return {};
  std::vector<std::string> names;
  std::vector<std::string> roles;
  std::vector<std::string> buildings;
  std::vector<Timestamp> created;
  std::vector<Timestamp> expires;
  std::vector<std::string> records;
  for (const access::ApiKey& key : keys) {
    names.push_back(key.name);
    roles.emplace_back(role_name(key.role));
    buildings.push_back(joined(key.buildings));
    created.push_back(key.created);
    expires.push_back(key.expires);
    records.push_back(access::encode(key));
  }
  Parameters parameters;
  parameters.texts(std::span<const std::string>(ids_of(keys)));
  parameters.texts(std::span<const std::string>(names));
  parameters.texts(std::span<const std::string>(roles));
  parameters.texts(std::span<const std::string>(buildings));
  parameters.timestamps(created);
  parameters.timestamps(expires);
  parameters.byteas(std::span<const std::string>(records));
  return run(connection,
             "INSERT INTO temperature_service.api_keys (id, name, role, buildings, created, expires, record) "
             "SELECT id, name, role, string_to_array(buildings, E'\\x1f'), created, expires, record FROM "
             "unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], "
             "$7::bytea[]) AS had (id, name, role, buildings, created, expires, record) "
             "ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, "
             "buildings = excluded.buildings, created = excluded.created, expires = excluded.expires, "
             "record = excluded.record WHERE api_keys.record <> excluded.record",
             parameters);
}

}  // namespace temperature::mirror
