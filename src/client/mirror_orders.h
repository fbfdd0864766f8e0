#pragma once

#include "base/time.h"
#include "client/http_client.h"
#include "client/run.h"

// What administrators tell a service about its mirror. Each returns the exit code.
namespace temperature::client {

// Shows how the mirror is doing: 0 when it follows or copies, 1 otherwise.
int show_mirror(const HttpTarget& target, const Surroundings& surroundings);

// Has readings of all rooms with from <= time < to written to the database anew, and waits until they are.
int resync_mirror(const HttpTarget& target, Timestamp from, Timestamp to, const Surroundings& surroundings);

// Has the database emptied and everything written anew, whosever it is, and waits until it is.
int replace_mirror(const HttpTarget& target, const Surroundings& surroundings);

}  // namespace temperature::client
