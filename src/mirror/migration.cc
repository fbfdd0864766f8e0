#include "mirror/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mirror/arrangement.h"
#include "mirror/schema_steps.h"
#include "postgres/transaction.h"

namespace temperature::mirror {
namespace {

using postgres::Failure;

// Whatever the role's own settings are. Whoever reads a view holds up its replacement, and that would hold up all who
// come after: so nobody is waited for longer than this.
constexpr std::string_view kSettings = R"sql(
SET LOCAL search_path = temperature_service;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL lock_timeout = '60s';
SET LOCAL timezone = 'UTC';
SET LOCAL client_min_messages = warning;
)sql";
// Of the transaction, so that it works through poolers; the number is "temperat" in ASCII.
constexpr std::string_view kLock = "SELECT pg_advisory_xact_lock(8387225690016276852)";
constexpr std::string_view kRecordStep = R"sql(
INSERT INTO temperature_service.schema_migrations (version, name, applied_at, program)
VALUES ($1, $2::text, now(), $3::text)
)sql";
constexpr std::string_view kRecordPart = R"sql(
INSERT INTO temperature_service.arrangement (part, content, made_at, program)
VALUES ($1::text, $2::text, now(), $3::text)
ON CONFLICT (part) DO UPDATE SET content = excluded.content, made_at = excluded.made_at, program = excluded.program
)sql";

std::unexpected<Failure> refused(std::string text, std::string sqlstate = "0A000") {
  return std::unexpected(Failure{.sqlstate = std::move(sqlstate), .text = std::move(text)});
}

postgres::Outcome<void> check_tables(const SchemaState& state) {
  if (state.version > newest_schema_version()) {
    return refused(
        fmt::format("the tables in the schema {} are of version {}, and this program knows versions up to {}: "
                    "use the newer program that made them",
                    kSchema, state.version, newest_schema_version()));
  }
  const int known = std::max(state.version, 1);  // of nothing but what is there by chance, no table is missing
  bool one_is_there = state.version > 0;
  std::string missing;
  for (const SchemaStep& step : schema_steps()) {
    if (step.version > known) continue;
    for (const std::string_view table : step.tables) {
      if (state.relations.contains(std::string(table))) {
        one_is_there = true;
      } else {
        missing += fmt::format("{}{}.{}", missing.empty() ? "" : ", ", kSchema, table);
      }
    }
  }
  if (!one_is_there || missing.empty()) return {};
  return refused(
      fmt::format("missing in the database: {}. Somebody dropped it: bring it back from a backup of the "
                  "database, or DROP SCHEMA {} CASCADE, and the mirror begins anew with what the service has",
                  missing, kSchema),
      "42P01");
}

postgres::Outcome<void> check_edition(const ServerOffer& offer, const SchemaState& state) {
  const bool hypertable = state.parts.contains(std::string(kHypertablePart));
  if (hypertable && offer.edition == Edition::plain) {
    return refused(
        "the readings are in a hypertable, and this database has the extension timescaledb no more: bring it "
        "back, in the version that it had");
  }
  if (hypertable && !state.hypertable) {
    return refused(
        fmt::format("{}.readings was a hypertable and is an ordinary table now: somebody made it anew. Bring "
                    "the database back from a backup, or DROP SCHEMA {} CASCADE",
                    kSchema, kSchema),
        "42P01");
  }
  if (state.parts.contains(std::string(kMinutesPart)) && offer.edition == Edition::apache) {
    return refused(
        "the tables use what TimescaleDB has under its community licence, and the server says "
        "timescaledb.license = apache: set it to timescale");
  }
  return {};
}

postgres::Outcome<void> check_rights(const ServerOffer& offer, const SchemaState& state, const SchemaOptions& options) {
  const auto schema_needs = [&](std::string_view schema) {
    return refused(fmt::format("the role \"{0}\" may not make the schema {2} in the database \"{1}\": have an "
                               "administrator say GRANT CREATE ON DATABASE \"{1}\" TO \"{0}\", or make the schema "
                               "beforehand: CREATE SCHEMA {2} AUTHORIZATION \"{0}\"",
                               offer.role, offer.database, schema),
                   "42501");
  };
  if (!state.schema && !state.may_create_schemas) return schema_needs(kSchema);
  if (!state.view_schema && options.view_schema != kSchema && !state.may_create_schemas) {
    return schema_needs(offer.view_schema);
  }
  if (state.schema && !state.may_create) {
    return refused(
        fmt::format("the role \"{0}\" may not make tables in the schema {1}: have an administrator say ALTER "
                    "SCHEMA {1} OWNER TO \"{0}\"",
                    offer.role, kSchema),
        "42501");
  }
  return {};
}

std::unexpected<Failure> cannot_make(const Work& work, Failure failure) {
  failure.text = fmt::format("cannot make {} ({}) in the schema {}: {}", work.version > 0 ? "the tables" : "the part",
                             work.name, kSchema, failure.text);
  if (failure.sqlstate == "42501") failure.text += "; the role that made the tables can";
  if (failure.sqlstate == "55P03") failure.text += "; others use them, or make this schema, for longer than a minute";
  return std::unexpected(std::move(failure));
}

postgres::Outcome<void> run_and_record(postgres::Connection& connection, const SchemaOptions& options,
                                       const Work& work) {
  if (auto done = connection.script(work.sql); !done) return done;
  postgres::Parameters parameters;
  if (work.version > 0) {
    parameters.int4(work.version);
    parameters.text(work.name);
  } else {
    parameters.text(work.name);
    parameters.text(work.content);
  }
  parameters.text(options.program);
  auto recorded = connection.run(std::string(work.version > 0 ? kRecordStep : kRecordPart), parameters);
  if (!recorded) return std::unexpected(std::move(recorded).error());
  return {};
}

}  // namespace

postgres::Outcome<std::optional<Work>> next_work(const ServerOffer& offer, const SchemaState& state,
                                                 const SchemaOptions& options) {
  if (auto usable = check_tables(state); !usable) return std::unexpected(std::move(usable).error());
  if (auto usable = check_edition(offer, state); !usable) return std::unexpected(std::move(usable).error());
  std::optional<Work> work;
  if (state.version < newest_schema_version()) {
    const SchemaStep& step = schema_steps()[static_cast<std::size_t>(state.version)];
    const std::string_view schema = state.schema ? "" : "CREATE SCHEMA temperature_service;";
    work = Work{step.version, std::string(step.name), "", std::string(schema) + std::string(step.sql)};
  } else if (auto parts = due_parts(offer, state, options); !parts.empty()) {
    Part& part = parts.front();
    work = Work{0, std::move(part.name), std::move(part.content), std::move(part.sql)};
  }
  if (work) {
    if (auto may = check_rights(offer, state, options); !may) return std::unexpected(std::move(may).error());
  }
  return work;
}

postgres::Outcome<bool> do_work(postgres::Connection& connection, const ServerOffer& offer,
                                const SchemaOptions& options, const Work& work) {
  auto transaction = postgres::Transaction::begin(connection);
  if (!transaction) return std::unexpected(std::move(transaction).error());
  if (auto set = connection.script(std::string(kSettings)); !set) return cannot_make(work, std::move(set).error());
  auto locked = connection.run(std::string(kLock));
  if (!locked) return cannot_make(work, std::move(locked).error());
  // Who had the lock before may have done it.
  auto state = look_at_schema(connection, offer, options.view_schema);
  if (!state) return std::unexpected(std::move(state).error());
  auto next = next_work(offer, *state, options);
  if (!next) return std::unexpected(std::move(next).error());
  if (!*next || (*next)->version != work.version || (*next)->name != work.name) return false;
  if (auto done = run_and_record(connection, options, **next); !done) return cannot_make(work, std::move(done).error());
  if (auto committed = transaction->commit(); !committed) return cannot_make(work, std::move(committed).error());
  return true;
}

}  // namespace temperature::mirror
