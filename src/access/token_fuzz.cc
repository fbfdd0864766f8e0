#include <cstdint>
#include <string>
#include <string_view>

#include "access/api_key.h"
#include "access/base64url.h"
#include "access/credential.h"
#include "access/keyed_gate.h"
#include "access/limit_policy.h"
#include "access/memory_registry.h"
#include "access/registration.h"
#include "base/check.h"

// What strangers may send. The first byte says what the rest is: 'a' the Authorization header, 't' a token, 'j' the
// JSON of a token's header and, on the next line, of its claims (so that the fuzzer need not learn base64), 'k' a
// public key, 'r' a registration. Nothing gets in but the two tokens that were signed, whose signed parts are named
// here.
namespace temperature::access {
namespace {

constexpr std::string_view kRegistration = R"({"keys":[
  {"kid":"k1","public_key":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
  {"kid":"k2","public_key":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}]})";

// {"alg":"EdDSA","typ":"JWT","kid":"k1"} and {"alg":"ES256","typ":"JWT","kid":"k2"}, both over
// {"sub":"s1","aud":"temperature-service","iat":1800000000,"exp":1800003600}.
constexpr std::string_view kClaims =
    "eyJzdWIiOiJzMSIsImF1ZCI6InRlbXBlcmF0dXJlLXNlcnZpY2UiLCJpYXQiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMzYwMH0";
constexpr std::string_view kSignedHeaders[] = {"eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0",
                                               "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsyIn0"};

class Noon final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return timestamp_from_ms(1'800'000'060'000); }
};

struct NoBuckets final : Buckets {
  Taken take(LimitKind, std::string_view, const Rate&, double, std::chrono::nanoseconds) override {
    return {true, 1, {}};
  }
  void give_back(LimitKind, std::string_view, const Rate&, double) override {}
};

struct Gatehouse {
  Gatehouse() {
    auto sensor = read_sensor("s1", kRegistration);
    CHECK(sensor && registry.put_sensor(*sensor));
  }
  MemoryRegistry registry;
  NoBuckets buckets;
  SteadyStopwatch stopwatch;
  LimitPolicy limits{{}, buckets, stopwatch};
  Noon clock;
  KeyedGate gate{{.admin_key = "the-operator's-own-key-0123456789", .open = {}}, registry, limits, clock};
};

void ask(const std::string& authorization) {
  static Gatehouse house;
  Visit visit;
  const Presented presented{authorization, {}, "10.0.0.1"};
  const auto admitted = house.gate.admit(presented, Need::write, visit);
  if (!admitted) {
    CHECK(!admitted.error().error.detail.empty());
    return;
  }
  CHECK((*admitted)->name == "sensor:s1");
  const auto token = credential_of(presented);
  bool known = false;
  for (const std::string_view header : kSignedHeaders) {
    known = known || token->starts_with(std::string(header) + "." + std::string(kClaims) + ".");
  }
  CHECK(known);
}

void read_key(std::string_view text) {
  const auto key = PublicKey::read(text);
  if (!key) return;
  CHECK(PublicKey::from_bytes(key->algorithm(), key->bytes()) == *key);
  CHECK(PublicKey::read(key->pem()) == *key);
  CHECK(!key->verifies("message", std::string(64, '\1')));
}

void check(char what, std::string_view rest) {
  const auto line_end = std::min(rest.find('\n'), rest.size());
  switch (what) {
    case 'a':
      return ask(std::string(rest));
    case 't':
      return ask("Bearer " + std::string(rest));
    case 'j':
      return ask("Bearer " + encode_base64url(rest.substr(0, line_end)) + "." +
                 encode_base64url(rest.substr(std::min(line_end + 1, rest.size()))) + "." +
                 encode_base64url(std::string(64, '\1')));
    case 'k':
      return read_key(rest);
    default:
      static_cast<void>(read_sensor("s1", rest).has_value());
      static_cast<void>(read_key_wish(rest).has_value());
      static_cast<void>(api_key_id(rest).has_value());
  }
}

}  // namespace
}  // namespace temperature::access

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  temperature::access::check(static_cast<char>(bytes[0]),
                             std::string_view(reinterpret_cast<const char*>(bytes) + 1, size - 1));
  return 0;
}
