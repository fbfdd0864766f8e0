#pragma once

#include <string>

#include "access/gate.h"
#include "base/error.h"

namespace temperature::access {

// The credential itself, out of what a request presents: behind "Bearer" (RFC 6750), "Token" (InfluxDB's; "USER:KEY"
// too), the password of "Basic" (RFC 7617; its user name when there is no password), or the parameter p. A scheme's
// name is case-insensitive (RFC 9110, section 11.1). Errors: credential_missing, credential_invalid.
Result<std::string> credential_of(const Presented& presented);

}  // namespace temperature::access
