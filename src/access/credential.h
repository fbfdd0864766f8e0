#pragma once

#include <cstddef>
#include <string>

#include "access/gate.h"
#include "base/error.h"
#include "base/sizes.h"

namespace temperature::limits {

// Bytes of a credential as a request presents it; a longer one is refused (credential_invalid).
inline constexpr std::size_t kAuthorizationBytesMax = 4 * kKiB;

}  // namespace temperature::limits

namespace temperature::access {

// The credential itself, out of what a request presents: behind "Bearer" (RFC 6750), "Token" (InfluxDB's; "USER:KEY"
// too), the password of "Basic" (RFC 7617; its user name when there is no password), or the parameter p. A scheme's
// name is case-insensitive (RFC 9110, section 11.1). Errors: credential_missing, credential_invalid.
Result<std::string> credential_of(const Presented& presented);

}  // namespace temperature::access
