#pragma once

#include <map>
#include <set>
#include <string>

#include "mirror/server_offer.h"
#include "postgres/connection.h"
#include "postgres/failure.h"

namespace temperature::mirror {

// What is there of the schema. A value.
struct SchemaState {
  bool schema = false;
  bool view_schema = false;
  bool may_create_schemas = false;                // in this database
  bool may_create = false;                        // tables in the schema
  std::set<std::string> relations = {};           // tables and views in the schema
  std::set<std::string> views = {};               // in the schema of the views
  bool hypertable = false;                        // `readings` is one
  bool empty = true;                              // `readings` has no row
  int version = 0;                                // of the last step that was done
  std::map<std::string, std::string> parts = {};  // of the arrangement: what was done last, by the part's name
};

// Reads alone. `view_schema` as it is, without quotes.
postgres::Outcome<SchemaState> look_at_schema(postgres::Connection& connection, const ServerOffer& offer,
                                              const std::string& view_schema);

}  // namespace temperature::mirror
