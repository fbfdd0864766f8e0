#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/sizes.h"

namespace temperature::limits {

// Bytes of a public key as PEM or JWK; a longer one is refused (public_key_invalid).
inline constexpr std::size_t kPublicKeyBytesMax = 4 * kKiB;

}  // namespace temperature::limits

namespace temperature::access {

// EdDSA is Ed25519 (RFC 8037), ES256 is ECDSA over P-256 with SHA-256 (RFC 7518, section 3.4).
enum class Algorithm : std::uint8_t { eddsa, es256 };

// "EdDSA", "ES256": as in a token's header.
std::string_view algorithm_name(Algorithm algorithm);

// A public key of a sensor. A plain value that is a usable key: the point is on its curve and not of small order.
class PublicKey {
 public:
  // Reads PEM ("-----BEGIN PUBLIC KEY-----", RFC 7468) or a JWK (RFC 7517, RFC 8037). Error public_key_invalid: says
  // what it is, when it is another kind of key, and that a private key was sent, when one was.
  static Result<PublicKey> read(std::string_view text);

  // From bytes(): 32 of Ed25519, or 65 of P-256 (an uncompressed point). Error public_key_invalid.
  static Result<PublicKey> from_bytes(Algorithm algorithm, std::string_view bytes);

  [[nodiscard]] Algorithm algorithm() const { return algorithm_; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  // The JWK thumbprint (RFC 7638): the key's name where nobody gives it another.
  [[nodiscard]] std::string thumbprint() const;
  [[nodiscard]] std::string pem() const;

  // Whether `signature` (64 bytes, as JWS has it: R and S) is this key's over `message`.
  [[nodiscard]] bool verifies(std::string_view message, std::string_view signature) const;

  bool operator==(const PublicKey&) const = default;

 private:
  PublicKey(Algorithm algorithm, std::string bytes) : algorithm_(algorithm), bytes_(std::move(bytes)) {}

  Algorithm algorithm_;
  std::string bytes_;
};

}  // namespace temperature::access
