#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mirror/schema_steps.h"
#include "mirror/server_offer.h"
#include "model/retention.h"
#include "postgres/connection.h"
#include "postgres/failure.h"

namespace temperature::mirror {

struct SchemaOptions {
  std::string program = {};          // which one this is, for the record: "temperature-service 1.2.3"
  std::string view_schema{kSchema};  // of the views; made when it is not there
  // What the database drops by itself; nullopt: that stays as it is.
  std::optional<Retention> retention = {};
  // An ordinary table that holds readings becomes a hypertable, which nobody can read or write meanwhile.
  bool convert = false;
};

// How readings are kept in this database, for who writes and deletes there.
struct Layout {
  Edition edition = Edition::plain;  // what is made use of, which may be less than what the server offers
  std::string extension = {};        // the schema of TimescaleDB's functions, quoted for SQL; empty without it

  [[nodiscard]] bool hypertable() const { return edition != Edition::plain; }
  [[nodiscard]] bool aggregates() const { return edition == Edition::community; }  // and columnstore, and policies
};

struct SchemaReport {
  std::string server = {};  // "PostgreSQL 15.20 with TimescaleDB 2.23.0 (community licence)"
  Layout layout;
  int version_before = 0;  // of the tables; 0: there were none
  int version = 0;
  std::vector<std::string> done = {};   // a line each; empty: all was there
  std::vector<std::string> notes = {};  // what an administrator may want to know; a line each
};

// Makes the tables, or brings them to this program's version, and what the server offers for them. Numbered steps,
// forward only, each in a transaction of its own and recorded there, under a lock of that transaction: of many that
// run this at once, one does each step. When there is nothing to do it reads, and locks nothing. Fails, with nothing
// done by the step in question, when the tables are of a newer version, when one was dropped, when the role may not
// make them, when the server is read-only, and when it has less than the tables make use of.
postgres::Outcome<SchemaReport> migrate(postgres::Connection& connection, const SchemaOptions& options);

// The longest that any quantity is kept, which is what a database can drop by whole chunks; 0: one is kept for ever.
Duration longest(const Retention& retention);

}  // namespace temperature::mirror
