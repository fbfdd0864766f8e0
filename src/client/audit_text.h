#pragma once

#include <simdjson.h>

#include "audit/entry.h"
#include "base/error.h"
#include "client/table.h"

// The audit as GET /v1/audit shows it.
namespace temperature::client {

// An entry with its place in the chain. Error malformed_body: what it lacks.
Result<audit::Link> read_audit_link(simdjson::dom::element json);
// The end of the chain that a page tells. Error malformed_body; forbidden: the credential does not see all buildings,
// and is not told.
Result<audit::Head> read_audit_end(simdjson::dom::object page);

Table audit_table();
void add_audit_entry(Table& table, const audit::Entry& entry);

}  // namespace temperature::client
