#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "access/public_key.h"
#include "base/error.h"
#include "base/time.h"

namespace temperature::limits {

// Hours for which a sensor's token may be valid; one that lives longer is refused (credential_invalid).
inline constexpr std::chrono::hours kTokenLifetimeMax{24};
// Seconds by which the clocks of sensors and service may differ when a token's times are looked at.
inline constexpr std::chrono::seconds kTokenClockSkew{60};

}  // namespace temperature::limits

namespace temperature::access {

// A sensor's token as it was read: a JWT (RFC 7519) in JWS compact form (RFC 7515). Nothing in it is true before
// check_claims() and a signature that its key verifies.
struct Token {
  Algorithm algorithm = Algorithm::eddsa;
  std::string kid;                     // which of the sensor's keys
  std::string sensor;                  // "sub"
  std::vector<std::string> audiences;  // "aud"
  Timestamp issued;                    // "iat"
  Timestamp expires;                   // "exp"
  Timestamp not_before;                // "nbf"; when there is none: kTimestampMin
  std::string_view signed_part;        // of the text that was read
  std::string signature;
};

// Whether it is to be taken for a token at all: three parts with dots between.
bool looks_like_token(std::string_view credential);

// Reads a token strictly: a member that stands twice, an algorithm that is not EdDSA or ES256, a header that asks for
// what this program does not do ("crit", a key or the address of one) is the error credential_invalid, which says so.
// The text must outlive the token.
Result<Token> read_token(std::string_view text);

// Whether it is for this service and of this time: `audience` is among its own, it was issued no later than now, has
// not expired, and lives for limits::kTokenLifetimeMax at most; limits::kTokenClockSkew is allowed for at both ends.
// Errors: credential_expired, credential_invalid.
Result<void> check_claims(const Token& token, std::string_view audience, Timestamp now);

}  // namespace temperature::access
