#include "access/keyed_gate.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <chrono>

#include "access/api_key.h"
#include "access/credential.h"
#include "access/scopes.h"
#include "access/token.h"
#include "base/check.h"
#include "base/time.h"
#include "base/utf8.h"
#include "model/name_limits.h"

namespace temperature::limits {

// Verified tokens that are remembered; the signatures of others are verified again.
inline constexpr std::size_t kRememberedTokensMax = 524'288;
// Tokens with a wrong signature that are remembered; the signatures of others are verified again.
inline constexpr std::size_t kRememberedRefusalsMax = 8'192;

}  // namespace temperature::limits

namespace temperature::access {
namespace {

constexpr Duration kUseInterval = std::chrono::minutes(1);  // how often the use of a key is noted

// Unknown sensors, unknown keys and wrong signatures look the same from outside.
constexpr std::string_view kNotSigned = "the token is not signed with a key of a registered sensor";
constexpr std::string_view kKeyUnknown = "the key is not one that this service knows";

Refusal refusal(ErrorCode code, std::string_view detail) {
  return {{code, std::string(detail)}, std::nullopt};
}
Refusal refusal(Error error) {
  return {std::move(error), std::nullopt};
}

// The algorithm is looked up once: for each digest that would take longer than the digest.
Digest digest_of(std::string_view text) {
  static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free);
  Digest digest;
  CHECK(EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, sha256.get(),
                   nullptr) == 1);
  return digest;
}

std::string sender_name(std::string_view kind, std::string_view id) {
  return std::string(utf8_prefix(fmt::format("{}:{}", kind, id), limits::kSenderBytesMax));
}

std::shared_ptr<const Credential> operator_credential() {
  auto made = std::make_shared<Credential>();
  made->principal.role = Role::admin;
  made->principal.name = "admin";
  return made;
}

std::shared_ptr<const Credential> credential_of(const Sensor& sensor, const Token& token, std::uint32_t version,
                                                Permit permit) {
  auto made = std::make_shared<Credential>();
  made->version = version;
  made->once = permit.sensor != sensor.id;
  Principal& principal = made->principal;
  principal.role = Role::sensor;
  principal.name = sender_name("sensor", sensor.id);
  principal.subject = sensor.id;
  principal.permit = std::move(permit);
  principal.expires = token.expires + limits::kTokenClockSkew;
  return made;
}

std::shared_ptr<const Credential> credential_of(const ApiKey& key, std::uint32_t version, ReadingRules rules) {
  auto made = std::make_shared<Credential>();
  made->version = version;
  Principal& principal = made->principal;
  principal.role = key.role;
  principal.name = sender_name("key", key.id);
  principal.subject = key.id;
  principal.permit.buildings = buildings_of(key.buildings, rules);
  principal.expires = key.expires;
  return made;
}

}  // namespace

KeyedGate::KeyedGate(KeyedGateOptions options, Registry& registry, LimitPolicy& limits, const Clock& clock)
    : options_(std::move(options)),
      registry_(registry),
      limits_(limits),
      clock_(clock),
      operator_(operator_credential()),
      nobody_{.role = Role::nobody, .name = {}, .subject = {}, .permit = {}},
      everybody_{.role = Role::reader, .name = "anybody", .subject = {}, .permit = {}},
      remembered_(limits::kRememberedTokensMax),
      refused_(limits::kRememberedRefusalsMax) {}

KeyedGate::~KeyedGate() = default;

bool KeyedGate::stands(const Credential& credential, Timestamp now) const {
  if (credential.once) return false;
  const Principal& principal = credential.principal;
  if (principal.subject.empty()) return true;  // the operator
  return now < principal.expires && registry_.versions().of(principal.subject) == credential.version;
}

Admitted KeyedGate::admit(const Presented& presented, Need need, Visit& visit) {
  if (need == Need::nothing) return &nobody_;
  if (presented.authorization.empty() && presented.password.empty() && options_.open.contains(need)) {
    return &everybody_;
  }
  const Timestamp now = clock_.now();
  const bool same = visit.credential != nullptr && !visit.authorization.empty() &&
                    same_secret(visit.authorization, presented.authorization) && stands(*visit.credential, now);
  if (!same) {
    auto found = find(presented, now);
    if (!found) return count(std::move(found.error()));
    visit.authorization = presented.authorization;
    visit.credential = std::move(*found);
  }
  const Principal& principal = visit.credential->principal;
  if (principal.role != Role::sensor) note_use(*visit.credential, now);
  if (auto may = principal.may(need); !may) return count(refusal(std::move(may.error())));
  return &principal;
}

KeyedGate::Found KeyedGate::find(const Presented& presented, Timestamp now) {
  const auto text = access::credential_of(presented);
  if (!text) return std::unexpected(refusal(text.error()));
  if (same_secret(*text, options_.admin_key)) return operator_;
  const Digest digest = digest_of(*text);
  if (auto known = remembered_.find(digest); known && stands(**known, now)) return *known;
  if (looks_like_token(*text)) return verify_token(*text, digest, presented.remote_address, now);
  if (const auto id = api_key_id(*text)) return verify_key(*text, digest, *id, now);
  return std::unexpected(refusal(ErrorCode::credential_invalid, kKeyUnknown));
}

KeyedGate::Found KeyedGate::verify_token(const std::string& text, const Digest& digest, std::string_view address,
                                         Timestamp now) {
  const auto token = read_token(text);
  if (!token) return std::unexpected(refusal(token.error()));
  if (auto set = check_clock(now); !set) return std::unexpected(refusal(std::move(set.error())));
  if (auto checked = check_claims(*token, options_.audience, now); !checked) {
    return std::unexpected(refusal(std::move(checked.error())));
  }
  // The subject is compared byte by byte, whatever the rules of names (RFC 7519, 2: StringOrURI).
  const std::uint32_t version = registry_.versions().of(token->sensor);  // before the record is read
  if (refused_.find(digest) == version) {
    return std::unexpected(refusal(ErrorCode::credential_invalid, kNotSigned));
  }
  const auto sensor = registry_.find_sensor(token->sensor);
  if (!sensor) return std::unexpected(refusal(sensor.error()));
  const bool counts = *sensor && !(*sensor)->made_open;
  const SensorKey* key = counts ? (*sensor)->find_key(token->kid) : nullptr;
  if (key == nullptr || key->key.algorithm() != token->algorithm) {
    return std::unexpected(refusal(ErrorCode::credential_invalid, kNotSigned));
  }
  const auto trial = limits_.may_try(token->sensor, address);
  if (!trial) {
    return std::unexpected(Refusal{
        {ErrorCode::rate_limited, "too many tokens with wrong signatures came from this address"}, trial.error()});
  }
  figures_.signatures.fetch_add(1, std::memory_order_relaxed);
  if (!key->key.verifies(token->signed_part, token->signature)) {
    figures_.signatures_wrong.fetch_add(1, std::memory_order_relaxed);
    limits_.wrong_signature(*trial, token->sensor, address);
    refused_.put(digest, version);
    return std::unexpected(refusal(ErrorCode::credential_invalid, kNotSigned));
  }
  auto permit = permit_of(**sensor, registry_, options_.reading_rules);
  if (!permit) return std::unexpected(refusal(std::move(permit.error())));
  permit->series_max = options_.series_per_sensor_max;
  Shared made = credential_of(**sensor, *token, version, std::move(*permit));
  remembered_.put(digest, made);
  return made;
}

KeyedGate::Found KeyedGate::verify_key(const std::string& text, const Digest& digest, std::string_view id,
                                       Timestamp now) {
  const std::uint32_t version = registry_.versions().of(id);  // before the record is read
  const auto key = registry_.find_key(id);
  if (!key) return std::unexpected(refusal(key.error()));
  if (!*key || !matches((*key)->secret, text)) {
    return std::unexpected(refusal(ErrorCode::credential_invalid, kKeyUnknown));
  }
  if ((*key)->made_open) {
    return std::unexpected(refusal(ErrorCode::credential_invalid,
                                   "the key was made under --dev, and lets nobody in without it: make another one"));
  }
  if ((*key)->expires <= now) {
    if (auto set = check_clock(now); !set) return std::unexpected(refusal(std::move(set.error())));
    return std::unexpected(refusal(ErrorCode::credential_expired,
                                   fmt::format("the key expired at {}", format_timestamp((*key)->expires))));
  }
  Shared made = credential_of(**key, version, options_.reading_rules);
  remembered_.put(digest, made);
  return made;
}

void KeyedGate::note_use(const Credential& credential, Timestamp now) {
  if (credential.principal.subject.empty()) return;
  std::int64_t noted = credential.noted_use_ms.load(std::memory_order_relaxed);
  const std::int64_t since_ms = to_ms(now) - noted;  // below 0: the clock went back
  if (since_ms >= 0 && since_ms < kUseInterval.count()) return;
  if (credential.noted_use_ms.compare_exchange_strong(noted, to_ms(now), std::memory_order_relaxed)) {
    registry_.note_use(credential.principal.subject, now);
  }
}

std::optional<Limited> KeyedGate::charge(const Principal& principal, std::size_t readings) {
  auto limited = limits_.charge(principal, readings);
  if (limited) figures_.limited[static_cast<std::size_t>(limited->kind)].fetch_add(1, std::memory_order_relaxed);
  return limited;
}

std::unexpected<Refusal> KeyedGate::count(Refusal refusal) {
  const auto add = [](std::atomic<std::uint64_t>& figure) { figure.fetch_add(1, std::memory_order_relaxed); };
  switch (refusal.error.code) {
    case ErrorCode::credential_missing:
      add(figures_.missing);
      break;
    case ErrorCode::credential_expired:
      add(figures_.expired);
      break;
    case ErrorCode::forbidden:
      add(figures_.forbidden);
      break;
    case ErrorCode::rate_limited:
      add(figures_.limited[static_cast<std::size_t>(LimitKind::address)]);
      break;
    case ErrorCode::registry_failed:
    case ErrorCode::clock_not_set:
      break;
    default:
      add(figures_.invalid);
  }
  return std::unexpected(std::move(refusal));
}

}  // namespace temperature::access
