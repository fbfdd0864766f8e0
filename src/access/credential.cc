#include "access/credential.h"

#include <algorithm>

#include "access/base64url.h"

namespace temperature::access {
namespace {

auto invalid_credential(std::string detail) {
  return failure(ErrorCode::credential_invalid, std::move(detail));
}

bool same_scheme(std::string_view name, std::string_view scheme) {
  return std::ranges::equal(name, scheme, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

// What stands behind the first colon; all of it when there is none.
std::string_view behind_colon(std::string_view text) {
  const auto colon = text.find(':');
  return colon == std::string_view::npos ? text : text.substr(colon + 1);
}

Result<std::string> basic(std::string_view encoded) {
  const auto decoded = decode_base64(encoded);
  if (!decoded) return invalid_credential("what stands behind Basic in Authorization is not base64");
  const std::string_view pair(*decoded);
  const std::string_view password = behind_colon(pair);
  const std::string_view credential = password.empty() ? pair.substr(0, pair.find(':')) : password;
  if (credential.empty()) return invalid_credential("Authorization has neither a user nor a password");
  return std::string(credential);
}

}  // namespace

Result<std::string> credential_of(const Presented& presented) {
  std::string_view text = presented.authorization;
  if (text.empty()) {
    if (presented.password.empty()) {
      return failure(ErrorCode::credential_missing, "send the key or token as \"Authorization: Bearer KEY\"");
    }
    return std::string(presented.password);
  }
  if (text.size() > limits::kAuthorizationBytesMax)
    return invalid_credential("the credential in Authorization is too long");
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return invalid_credential("Authorization must be \"Bearer KEY\"");
  const std::string_view scheme = text.substr(0, space);
  text.remove_prefix(space);
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.empty()) return invalid_credential("there is nothing behind the scheme in Authorization");
  if (same_scheme(scheme, "bearer")) return std::string(text);
  if (same_scheme(scheme, "token")) return std::string(behind_colon(text));
  if (same_scheme(scheme, "basic")) return basic(text);
  return invalid_credential("Authorization must be Bearer, Token or Basic");
}

}  // namespace temperature::access
