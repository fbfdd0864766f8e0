#pragma once

#include "client/run.h"
#include "postgres/url.h"

namespace temperature::client {

// Sends a service the readings that are in a mirror's database, whosever it is: those that the service has are repeats
// and count once. Then the service is told to replace the database (client/mirror_orders.h), by what it has now.
// Returns the exit code; after a failure the database is as it was, and all of it may be repeated.
int adopt_mirror(const postgres::Url& url, const Destination& destination, const Surroundings& surroundings);

}  // namespace temperature::client
