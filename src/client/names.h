#pragma once

#include "base/error.h"
#include "client/http_client.h"
#include "model/twins.h"

namespace temperature::client {

// The names that a running service has: of its series, and, where the key is an administrator's, of its registered
// sensors. Error startup: it does not say.
Result<NameCheck> read_names(HttpClient& client);

}  // namespace temperature::client
