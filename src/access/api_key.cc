#include "access/api_key.h"

#include <libdeflate.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "access/openssl.h"

namespace temperature::access {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kBodyCharacters = ApiKeyText::kPrefix.size() + ApiKeyText::kIdCharacters + 1 +
                                        ApiKeyText::kSecretCharacters;  // what the checksum is of

auto no_random() {
  return failure(ErrorCode::startup, "cannot make a key: the machine gives no random numbers");
}

// Appends digits that are equally likely. False when there are no random numbers.
bool append_random(std::string& out, std::size_t count) {
  constexpr unsigned kFair = 256 / 62 * 62;  // bytes from here on would prefer the first digits
  for (std::size_t end = out.size() + count; out.size() < end;) {
    std::array<unsigned char, 64> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return false;
    for (const unsigned char byte : random) {
      if (byte < kFair && out.size() < end) out.push_back(kDigits[byte % kDigits.size()]);
    }
  }
  return true;
}

std::string checksum_of(std::string_view body) {
  std::uint64_t rest = libdeflate_crc32(0, body.data(), body.size());
  std::string digits(ApiKeyText::kChecksumCharacters, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, rest /= kDigits.size()) {
    *digit = kDigits[rest % kDigits.size()];
  }
  return digits;
}

std::array<char, 32> digest_of(const std::array<char, 16>& salt, std::string_view text) {
  std::array<char, 32> hash{};
  const DigestContext context(EVP_MD_CTX_new());
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  EVP_DigestUpdate(context.get(), salt.data(), salt.size());
  EVP_DigestUpdate(context.get(), text.data(), text.size());
  EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr);
  return hash;
}

}  // namespace

Result<ApiKeyText> make_api_key() {
  ApiKeyText made;
  if (!append_random(made.id, ApiKeyText::kIdCharacters)) return no_random();
  made.text = std::string(ApiKeyText::kPrefix) + made.id + '_';
  if (!append_random(made.text, ApiKeyText::kSecretCharacters)) return no_random();
  made.text += checksum_of(made.text);
  return made;
}

std::optional<std::string_view> api_key_id(std::string_view text) {
  if (text.size() != kBodyCharacters + ApiKeyText::kChecksumCharacters || !text.starts_with(ApiKeyText::kPrefix)) {
    return std::nullopt;
  }
  const std::string_view id = text.substr(ApiKeyText::kPrefix.size(), ApiKeyText::kIdCharacters);
  if (checksum_of(text.substr(0, kBodyCharacters)) != text.substr(kBodyCharacters)) return std::nullopt;
  const bool plain = std::ranges::all_of(id, [](char c) { return kDigits.find(c) != std::string_view::npos; });
  return plain ? std::optional(id) : std::nullopt;
}

Result<SecretHash> hash_secret(std::string_view text) {
  SecretHash made;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(made.salt.data()), static_cast<int>(made.salt.size())) != 1) {
    return no_random();
  }
  made.hash = digest_of(made.salt, text);
  return made;
}

bool matches(const SecretHash& kept, std::string_view text) {
  const std::array<char, 32> hash = digest_of(kept.salt, text);
  return CRYPTO_memcmp(hash.data(), kept.hash.data(), hash.size()) == 0;
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace temperature::access
