#include "access/public_key.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <simdjson.h>

#include <algorithm>
#include <array>

#include "access/base64url.h"
#include "access/openssl.h"

namespace temperature::access {
namespace {

constexpr std::size_t kEd25519Bytes = 32;
constexpr std::size_t kCoordinateBytes = 32;
constexpr std::size_t kPointBytes = 1 + 2 * kCoordinateBytes;
constexpr std::size_t kSignatureBytes = 64;

auto invalid_key(std::string detail) {
  return failure(ErrorCode::public_key_invalid, std::move(detail));
}

// The y-coordinates of the points of small order, canonical and not, without the sign bit (K. Chalkias, F. Garillot,
// V. Nikolaenko: "Taming the many EdDSAs", 2020, table 1). Under such a key anybody can sign.
constexpr std::array<std::string_view, 7> kSmallOrder{
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

bool of_small_order(std::string_view bytes) {
  std::string hex;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    hex += fmt::format("{:02x}", i + 1 == bytes.size() ? byte & 0x7fU : byte);
  }
  return std::ranges::find(kSmallOrder, hex) != kSmallOrder.end();
}

// Null when the bytes are no key.
Pkey pkey_of(Algorithm algorithm, std::string_view bytes) {
  if (algorithm == Algorithm::eddsa) {
    return Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, unsigned_bytes(bytes), bytes.size()));
  }
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  char group[] = "prime256v1";
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<char*>(bytes.data()), bytes.size()),
      OSSL_PARAM_construct_end(),
  };
  EVP_PKEY* key = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters.data())) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return Pkey(key);
}

Result<PublicKey> read_pem(std::string_view text) {
  if (text.find("PRIVATE KEY") != std::string_view::npos) {
    return invalid_key("this is a private key: register the public one, and make a new pair, since this one was sent");
  }
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  const Pkey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (key == nullptr) return invalid_key("the PEM text holds no public key (\"-----BEGIN PUBLIC KEY-----\")");
  std::array<unsigned char, kPointBytes> bytes{};
  std::size_t size = bytes.size();
  const auto text_of = [&bytes, &size] { return std::string_view(reinterpret_cast<const char*>(bytes.data()), size); };
  if (EVP_PKEY_is_a(key.get(), "ED25519") == 1 && EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) == 1) {
    return PublicKey::from_bytes(Algorithm::eddsa, text_of());
  }
  std::array<char, 32> group{};
  const bool p256 = EVP_PKEY_is_a(key.get(), "EC") == 1 &&
                    EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), nullptr) == 1 &&
                    std::string_view(group.data()) == "prime256v1";
  BIGNUM* x = nullptr;
  BIGNUM* y = nullptr;
  const bool found = p256 && EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
                     EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1;
  const BigNumber owned_x(x);
  const BigNumber owned_y(y);
  ERR_clear_error();
  if (!found) return invalid_key("the key is neither Ed25519 nor P-256");
  bytes[0] = 4;  // an uncompressed point
  BN_bn2binpad(x, bytes.data() + 1, kCoordinateBytes);
  BN_bn2binpad(y, bytes.data() + 1 + kCoordinateBytes, kCoordinateBytes);
  size = kPointBytes;
  return PublicKey::from_bytes(Algorithm::es256, text_of());
}

Result<PublicKey> read_jwk(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::object jwk;
  if (parser.parse(text.data(), text.size()).get(jwk) != simdjson::SUCCESS)
    return invalid_key("the JWK is not valid JSON");
  const auto member = [&jwk](std::string_view name) {
    std::string_view value;
    return jwk.at_key(name).get(value) == simdjson::SUCCESS ? value : std::string_view();
  };
  if (jwk.at_key("d").error() == simdjson::SUCCESS) {
    return invalid_key("this is a private key: register the public one, and make a new pair, since this one was sent");
  }
  const auto x = decode_base64url(member("x"));
  const auto y = decode_base64url(member("y"));
  if (!x || !y) return invalid_key("x and y of the JWK must be base64url without padding");
  if (member("kty") == "OKP" && member("crv") == "Ed25519") return PublicKey::from_bytes(Algorithm::eddsa, *x);
  if (member("kty") != "EC" || member("crv") != "P-256") return invalid_key("the key is neither Ed25519 nor P-256");
  if (x->size() != kCoordinateBytes || y->size() != kCoordinateBytes) {
    return invalid_key("x and y of a P-256 key have 32 bytes each");
  }
  return PublicKey::from_bytes(Algorithm::es256, '\x04' + *x + *y);
}

// OpenSSL reads an ECDSA signature as DER; empty when it is none.
std::string der_of(std::string_view signature) {
  const unsigned char* bytes = unsigned_bytes(signature);
  const EcdsaSignature parts(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes, kCoordinateBytes, nullptr);
  BIGNUM* s = BN_bin2bn(bytes + kCoordinateBytes, kCoordinateBytes, nullptr);
  if (parts == nullptr || ECDSA_SIG_set0(parts.get(), r, s) != 1) return {};  // takes r and s
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(parts.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(parts.get(), &out);
  return der;
}

}  // namespace

std::string_view algorithm_name(Algorithm algorithm) {
  return algorithm == Algorithm::eddsa ? "EdDSA" : "ES256";
}

Result<PublicKey> PublicKey::read(std::string_view text) {
  if (text.size() > limits::kPublicKeyBytesMax) {
    return invalid_key(fmt::format("a public key has at most {} bytes", limits::kPublicKeyBytesMax));
  }
  while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  if (text.starts_with('{')) return read_jwk(text);
  if (text.starts_with("-----BEGIN ")) return read_pem(text);
  return invalid_key("a public key is PEM text (\"-----BEGIN PUBLIC KEY-----\") or a JWK");
}

Result<PublicKey> PublicKey::from_bytes(Algorithm algorithm, std::string_view bytes) {
  if (algorithm == Algorithm::eddsa && bytes.size() != kEd25519Bytes) {
    return invalid_key("an Ed25519 key has 32 bytes");
  }
  if (algorithm == Algorithm::eddsa && of_small_order(bytes)) {
    return invalid_key("this is a point of small order: anybody could sign for it");
  }
  if (algorithm == Algorithm::es256 && (bytes.size() != kPointBytes || bytes[0] != 4)) {
    return invalid_key("a P-256 key is an uncompressed point of 65 bytes");
  }
  const Pkey key = pkey_of(algorithm, bytes);
  if (key == nullptr) return invalid_key("the key is not a point on its curve");
  return PublicKey(algorithm, std::string(bytes));
}

std::string PublicKey::thumbprint() const {
  const std::string_view bytes(bytes_);
  const std::string json = algorithm_ == Algorithm::eddsa
                               ? fmt::format(R"({{"crv":"Ed25519","kty":"OKP","x":"{}"}})", encode_base64url(bytes))
                               : fmt::format(R"({{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}})",
                                             encode_base64url(bytes.substr(1, kCoordinateBytes)),
                                             encode_base64url(bytes.substr(1 + kCoordinateBytes)));
  std::array<char, 32> digest{};
  EVP_Digest(json.data(), json.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(), nullptr);
  return encode_base64url({digest.data(), digest.size()});
}

std::string PublicKey::pem() const {
  const Pkey key = pkey_of(algorithm_, bytes_);
  const Bio bio(BIO_new(BIO_s_mem()));
  if (key == nullptr || PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  if (signature.size() != kSignatureBytes) return false;
  const Pkey key = pkey_of(algorithm_, bytes_);
  const DigestContext context(EVP_MD_CTX_new());
  if (key == nullptr || context == nullptr) return false;
  const std::string der = algorithm_ == Algorithm::es256 ? der_of(signature) : std::string(signature);
  const EVP_MD* digest = algorithm_ == Algorithm::es256 ? EVP_sha256() : nullptr;
  const bool right =
      !der.empty() && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), unsigned_bytes(der), der.size(), unsigned_bytes(message), message.size()) == 1;
  ERR_clear_error();
  return right;
}

}  // namespace temperature::access
