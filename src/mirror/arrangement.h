#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mirror/schema.h"
#include "mirror/schema_state.h"
#include "mirror/server_offer.h"

namespace temperature::mirror {

// How the tables are arranged by what the server offers: hypertable, columnstore, continuous aggregates, policies,
// views. Unlike the tables themselves, a part can be made at any time, and made again: it is due when what it is to be
// is not what was recorded, or when something of it is gone.
struct Part {
  std::string name;
  std::string content;  // what it is to be, in words; recorded
  std::string sql;      // several statements, with the tables' schema as the search path
};

// What is made use of: less than what is offered while `readings` is an ordinary table with rows in it and may not be
// converted.
Edition edition_of(const ServerOffer& offer, const SchemaState& state, const SchemaOptions& options);

// The parts that are due, in the order in which they are to be made. REQUIRES: the tables are there.
std::vector<Part> due_parts(const ServerOffer& offer, const SchemaState& state, const SchemaOptions& options);

// Part names that other files ask for.
inline constexpr std::string_view kHypertablePart = "hypertable";
inline constexpr std::string_view kMinutesPart = "minutes";

}  // namespace temperature::mirror
