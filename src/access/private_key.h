#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "access/public_key.h"
#include "base/error.h"
#include "base/time.h"

struct evp_pkey_st;

namespace temperature::access {

// A sensor's private key. The service has none: this is for `keygen`, `token` and tests.
class PrivateKey {
 public:
  // Error startup when the machine gives no random numbers.
  static Result<PrivateKey> generate(Algorithm algorithm);

  // From PEM that is not encrypted ("-----BEGIN PRIVATE KEY-----"). Error startup: it is none of Ed25519 or P-256.
  static Result<PrivateKey> read(std::string_view pem);

  [[nodiscard]] std::string pem() const;
  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }

  // 64 bytes, as JWS has them. Error startup.
  [[nodiscard]] Result<std::string> sign(std::string_view message) const;

 private:
  PrivateKey(std::shared_ptr<evp_pkey_st> key, PublicKey public_key)
      : key_(std::move(key)), public_key_(std::move(public_key)) {}

  std::shared_ptr<evp_pkey_st> key_;
  PublicKey public_key_;
};

struct TokenWish {
  std::string sensor;
  std::string kid;  // empty: the key's thumbprint
  std::string audience = "temperature-service";
  Timestamp issued;
  Duration lifetime = std::chrono::hours(1);
};

// A token as the service takes it. Error startup.
Result<std::string> make_token(const PrivateKey& key, const TokenWish& wish);

}  // namespace temperature::access
