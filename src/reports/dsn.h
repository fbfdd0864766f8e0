#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace temperature::limits {

// Bytes of a Sentry DSN; a longer one is refused.
inline constexpr std::size_t kDsnBytesMax = 1'024;

}  // namespace temperature::limits

namespace temperature::reports {

// Where error reports go, and as who: https://PUBLIC_KEY@HOST[:PORT][/PATH]/PROJECT
// (develop.sentry.dev/sdk/foundations/transport/authentication). The old form with a secret behind the key
// (PUBLIC:SECRET@) is read, too; the secret is left out.
struct Dsn {
  std::string envelope_url;  // https://HOST[:PORT][/PATH]/api/PROJECT/envelope/
  std::string host;          // to be shown; "[::1]" of an address of version 6
  std::string public_key;
  bool encrypted = true;  // https
  bool loopback = false;  // this machine
};

// Error usage: which part is wrong. The text shows nothing of the DSN, for that may be copied from a log.
Result<Dsn> parse_dsn(std::string_view text);

}  // namespace temperature::reports
