#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "access/base64url.h"
#include "access/limit_policy.h"
#include "access/private_key.h"
#include "access/registry.h"
#include "base/check.h"
#include "base/clock.h"

// What the folder's tests share: time that stands still, and tokens of any shape.
namespace temperature::access {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return timestamp_from_ms(ms.load()); }
  void go_on(Duration duration) { ms += duration.count(); }

  std::atomic<std::int64_t> ms{1'800'000'000'000};  // 2027-01-15
};

class FixedStopwatch final : public Stopwatch {
 public:
  [[nodiscard]] std::chrono::nanoseconds elapsed() const override { return std::chrono::nanoseconds(ns.load()); }
  void go_on(std::chrono::nanoseconds duration) { ns += duration.count(); }

  std::atomic<std::int64_t> ns{1'000'000'000};
};

inline PrivateKey new_key(Algorithm algorithm = Algorithm::eddsa) {
  auto key = PrivateKey::generate(algorithm);
  CHECK(key);
  return std::move(*key);
}

inline Sensor sensor_with(std::string id, std::initializer_list<std::pair<std::string, PublicKey>> keys) {
  Sensor sensor;
  sensor.id = std::move(id);
  for (const auto& [kid, key] : keys) sensor.keys.push_back({kid, key});
  return sensor;
}

// A token of exactly these bytes, truly signed by `key`.
inline std::string signed_token(const PrivateKey& key, std::string_view header, std::string_view claims) {
  std::string token = encode_base64url(header) + "." + encode_base64url(claims);
  const auto signature = key.sign(token);
  CHECK(signature);
  return token + "." + encode_base64url(*signature);
}

}  // namespace temperature::access
