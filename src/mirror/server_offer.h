#pragma once

#include <cstdint>
#include <string>

#include "postgres/connection.h"
#include "postgres/failure.h"

namespace temperature::mirror {

// What can be made use of: PostgreSQL alone; TimescaleDB's hypertables; columnstore, continuous aggregates and
// policies, too, which come under its community licence.
enum class Edition : std::uint8_t { plain, apache, community };

// "plain PostgreSQL", "TimescaleDB, Apache edition", "TimescaleDB, community licence".
std::string_view text_of(Edition edition);

// What the server is and offers in this database, and who asks. A value.
struct ServerOffer {
  Edition edition = Edition::plain;
  std::string server = {};         // "PostgreSQL 15.20 with TimescaleDB 2.23.0 (community licence)"
  std::string extension = {};      // the schema of TimescaleDB's functions, quoted for SQL; empty without it
  bool not_in_database = false;    // the server has TimescaleDB, this database has not
  bool columnstore_names = false;  // since 2.18: add_columnstore_policy; before, the compression names
  bool buckets_per_batch = false;  // since 2.19: a refresh takes many buckets at once
  bool read_only = false;
  bool standby = false;
  std::string role = {};
  std::string database = {};
  std::string view_schema = {};  // quoted for SQL
};

// Asks in one statement that changes nothing. Fails when the server is too old, read-only or a standby.
postgres::Outcome<ServerOffer> ask_offer(postgres::Connection& connection, const std::string& view_schema);

}  // namespace temperature::mirror
