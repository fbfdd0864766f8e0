#pragma once

#include "client/http_client.h"
#include "client/run.h"

// Whether a service is ready, for who watches over it: the command `health`.
namespace temperature::client {

struct HealthQuestion {
  HttpTarget target;    // needs no key
  bool writes = false;  // whether it takes readings, too
};

// Asks /readyz once and says in a line what it heard. Returns the exit code: 0 it is ready; 1 it is not, or there is no
// answer; 2 the address cannot be used.
int ask_health(const HealthQuestion& question, const Surroundings& surroundings);

}  // namespace temperature::client
