#include "access/private_key.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>

#include "access/base64url.h"
#include "access/openssl.h"
#include "base/json_text.h"

namespace temperature::access {
namespace {

constexpr int kNumberBytes = 32;  // R and S

auto failed(std::string detail) {
  ERR_clear_error();
  return failure(ErrorCode::startup, std::move(detail));
}

std::string text_of(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

Result<PublicKey> public_key_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(bio.get(), key) != 1) return failed("the key has no public part");
  return PublicKey::read(text_of(bio.get()));
}

// R and S out of the DER in which OpenSSL writes an ECDSA signature.
std::string plain_signature(std::string_view der) {
  const unsigned char* begin = unsigned_bytes(der);
  const EcdsaSignature parts(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size())));
  std::array<unsigned char, std::size_t{2} * kNumberBytes> bytes{};
  if (parts == nullptr) return {};
  BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), bytes.data(), kNumberBytes);
  BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), bytes.data() + kNumberBytes, kNumberBytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<PrivateKey> PrivateKey::generate(Algorithm algorithm) {
  std::shared_ptr<EVP_PKEY> key(
      algorithm == Algorithm::eddsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519") : EVP_EC_gen("P-256"),
      OpensslDeleter());
  if (key == nullptr) return failed("cannot make a key: the machine gives no random numbers");
  auto its_public = public_key_of(key.get());
  if (!its_public) return std::unexpected(std::move(its_public.error()));
  return PrivateKey(std::move(key), std::move(*its_public));
}

Result<PrivateKey> PrivateKey::read(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const auto no_password = [](char*, int, int, void*) { return -1; };
  std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr), OpensslDeleter());
  if (key == nullptr) return failed("this is no private key in PEM that is not encrypted");
  auto its_public = public_key_of(key.get());
  if (!its_public) return failed(std::move(its_public.error().detail));
  return PrivateKey(std::move(key), std::move(*its_public));
}

std::string PrivateKey::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio.get());
}

Result<std::string> PrivateKey::sign(std::string_view message) const {
  const bool es256 = public_key_.algorithm() == Algorithm::es256;
  const DigestContext context(EVP_MD_CTX_new());
  std::array<unsigned char, 128> signature{};
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, es256 ? EVP_sha256() : nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, unsigned_bytes(message), message.size()) != 1) {
    return failed("the key cannot sign");
  }
  const std::string_view bytes(reinterpret_cast<const char*>(signature.data()), size);
  return es256 ? plain_signature(bytes) : std::string(bytes);
}

Result<std::string> make_token(const PrivateKey& key, const TokenWish& wish) {
  std::string header = fmt::format(R"({{"alg":"{}","typ":"JWT","kid":)", algorithm_name(key.public_key().algorithm()));
  append_json_string(header, wish.kid.empty() ? key.public_key().thumbprint() : wish.kid);
  header.push_back('}');
  const auto seconds = [](Timestamp moment) {
    return std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count();
  };
  std::string claims = R"({"sub":)";
  append_json_string(claims, wish.sensor);
  claims += R"(,"aud":)";
  append_json_string(claims, wish.audience);
  claims += fmt::format(R"(,"iat":{},"exp":{}}})", seconds(wish.issued), seconds(wish.issued + wish.lifetime));
  std::string token = encode_base64url(header) + "." + encode_base64url(claims);
  const auto signature = key.sign(token);
  if (!signature) return std::unexpected(signature.error());
  token += "." + encode_base64url(*signature);
  return token;
}

}  // namespace temperature::access
