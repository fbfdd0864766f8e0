#include "access/registry_codec.h"

#include <fmt/format.h>

#include "access/public_key.h"
#include "access/registry.h"
#include "base/bytes.h"
#include "base/time.h"
#include "model/name_limits.h"

namespace temperature::access {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kVersionMadeOpen = 2;  // the same bytes behind it

// Reads it; false: there is no such version.
bool get_version(ByteReader& in, bool& made_open) {
  const auto version = in.fixed<std::uint8_t>();
  made_open = version == kVersionMadeOpen;
  return version == kVersion || made_open;
}

auto damaged(std::string_view id) {
  return failure(ErrorCode::registry_failed, fmt::format("the registry's record of \"{}\" cannot be read", id));
}

void put_names(ByteWriter& out, const std::vector<std::string>& names) {
  out.varint(names.size());
  for (const std::string& name : names) out.text(name);
}

std::vector<std::string> get_names(ByteReader& in) {
  std::vector<std::string> names;
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) names.emplace_back(in.text(limits::kNameBytesMax));
  return names;
}

template <std::size_t N>
bool get_array(ByteReader& in, std::array<char, N>& out) {
  const std::string_view bytes = in.bytes(N);
  return bytes.copy(out.data(), N) == N;
}

}  // namespace

std::string encode(const Sensor& sensor) {
  std::string bytes;
  ByteWriter out(bytes);
  out.fixed(sensor.made_open ? kVersionMadeOpen : kVersion);
  out.fixed(to_ms(sensor.registered));
  out.varint(sensor.keys.size());
  for (const SensorKey& key : sensor.keys) {
    out.text(key.kid);
    out.fixed(static_cast<std::uint8_t>(key.key.algorithm()));
    out.text(key.key.bytes());
  }
  out.text(sensor.building);
  out.text(sensor.room);
  put_names(out, sensor.quantities);
  return bytes;
}

std::string encode(const ApiKey& key) {
  std::string bytes;
  ByteWriter out(bytes);
  out.fixed(key.made_open ? kVersionMadeOpen : kVersion);
  out.fixed(static_cast<std::uint8_t>(key.role));
  out.fixed(to_ms(key.created));
  out.fixed(to_ms(key.expires));
  bytes.append(key.secret.salt.data(), key.secret.salt.size());
  bytes.append(key.secret.hash.data(), key.secret.hash.size());
  out.text(key.name);
  put_names(out, key.buildings);
  return bytes;
}

bool is_made_open(std::string_view bytes) {
  bool made_open = false;
  ByteReader in(bytes);
  return get_version(in, made_open) && made_open;
}

Result<Sensor> decode_sensor(std::string_view id, std::string_view bytes) {
  ByteReader in(bytes);
  Sensor sensor;
  sensor.id = id;
  if (!get_version(in, sensor.made_open)) return damaged(id);
  sensor.registered = timestamp_from_ms(in.fixed<std::int64_t>());
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string kid(in.text(limits::kKidBytesMax));
    const auto algorithm = in.fixed<std::uint8_t>();
    auto key = algorithm > static_cast<std::uint8_t>(Algorithm::es256)
                   ? damaged(id)
                   : PublicKey::from_bytes(static_cast<Algorithm>(algorithm), in.text(limits::kPublicKeyBytesMax));
    if (!in.ok() || !key) return damaged(id);
    sensor.keys.push_back({std::move(kid), std::move(*key)});
  }
  sensor.building = in.text(limits::kNameBytesMax);
  sensor.room = in.text(limits::kNameBytesMax);
  sensor.quantities = get_names(in);
  if (!in.ok() || in.left() != 0) return damaged(id);
  return sensor;
}

Result<ApiKey> decode_key(std::string_view id, std::string_view bytes) {
  ByteReader in(bytes);
  ApiKey key;
  key.id = id;
  if (!get_version(in, key.made_open)) return damaged(id);
  const auto role = in.fixed<std::uint8_t>();
  key.role = static_cast<Role>(role);
  key.created = timestamp_from_ms(in.fixed<std::int64_t>());
  key.expires = timestamp_from_ms(in.fixed<std::int64_t>());
  const bool whole = get_array(in, key.secret.salt) && get_array(in, key.secret.hash);
  key.name = in.text(limits::kNameBytesMax);
  key.buildings = get_names(in);
  if (!whole || !in.ok() || in.left() != 0 || role > static_cast<std::uint8_t>(Role::curator)) return damaged(id);
  return key;
}

}  // namespace temperature::access
