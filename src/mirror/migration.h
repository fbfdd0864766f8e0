#pragma once

#include <optional>
#include <string>

#include "mirror/schema.h"
#include "mirror/schema_state.h"
#include "mirror/server_offer.h"
#include "postgres/connection.h"
#include "postgres/failure.h"

namespace temperature::mirror {

// What is done in one transaction: a step of the tables, or a part of their arrangement.
struct Work {
  int version = 0;           // of a step; 0: a part
  std::string name = {};     // "tables", "columnstore"
  std::string content = {};  // of a part
  std::string sql = {};
};

// What is to be done next; nullopt: nothing. Fails when nothing may be done to what is there.
postgres::Outcome<std::optional<Work>> next_work(const ServerOffer& offer, const SchemaState& state,
                                                 const SchemaOptions& options);

// Does it, unless another was quicker: then false, and nothing is done.
postgres::Outcome<bool> do_work(postgres::Connection& connection, const ServerOffer& offer,
                                const SchemaOptions& options, const Work& work);

}  // namespace temperature::mirror
