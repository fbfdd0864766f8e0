#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace temperature::access {

// An API key is "tsk_ID_SECRET": all digits and letters, so that a double click takes it whole and it needs no escape
// anywhere. The secret's last kChecksumCharacters are a CRC-32 of what stands before: a key that was cut short or
// mistyped is known without a look-up, and one that was found in the wrong place is known for what it is.
struct ApiKeyText {
  std::string id;    // its name; not secret
  std::string text;  // all of it

  static constexpr std::string_view kPrefix = "tsk_";
  static constexpr std::size_t kIdCharacters = 12;
  static constexpr std::size_t kSecretCharacters = 43;  // of 62: 256 bits
  static constexpr std::size_t kChecksumCharacters = 6;
};

// A new one, from the machine's random numbers. Error startup when it gives none.
Result<ApiKeyText> make_api_key();

// The id of a key whose checksum is right; nullopt: it is no key. The text is not copied.
std::optional<std::string_view> api_key_id(std::string_view text);

// What is kept of a key instead of the key.
struct SecretHash {
  std::array<char, 16> salt{};
  std::array<char, 32> hash{};  // SHA-256 of the salt and the whole text

  bool operator==(const SecretHash&) const = default;
};

// With a new salt. Error startup when the machine gives no random numbers.
Result<SecretHash> hash_secret(std::string_view text);

// In constant time.
bool matches(const SecretHash& kept, std::string_view text);

// Whether two secrets are the same, in a time that tells nothing but their lengths.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace temperature::access
