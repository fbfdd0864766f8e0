#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "client/http_client.h"
#include "client/reading_tallies.h"
#include "client/run.h"
#include "postgres/url.h"

namespace temperature::client {

struct MirrorCheckOptions {
  HttpTarget target;
  TallySpan span;
};

// Compares what a service and its mirror's database have, by series and day, and names what differs: a line each, and
// a summary. Days on which readings come in meanwhile are looked at again, up to the newest reading that the service
// had at first, and named as changing when they still move. Returns the exit code: 0 when nothing differs, 1 when
// something does, or they could not be compared.
int check_mirror(const postgres::Url& url, const MirrorCheckOptions& options, const Surroundings& surroundings);

}  // namespace temperature::client
