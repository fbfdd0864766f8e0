#pragma once

#include <functional>

#include "mirror/target.h"
#include "postgres/connection.h"
#include "postgres/failure.h"

namespace temperature::mirror {

// A change of the tables beside the readings, in a transaction that holds the fence as it is. False: it is not `fence`
// any more, and nothing was done.
postgres::Outcome<bool> transact(postgres::Connection& connection, const Fence& fence,
                                 const std::function<postgres::Outcome<void>()>& change);

}  // namespace temperature::mirror
