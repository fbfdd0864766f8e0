#include "mirror/schema_state.h"

#include <utility>

#include "mirror/schema_steps.h"

namespace temperature::mirror {
namespace {

// By the catalogue: a name that is looked up asks for rights.
constexpr std::string_view kSchemas = R"sql(
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1::text),
       EXISTS (SELECT FROM pg_namespace WHERE nspname = $2::text),
       has_database_privilege(current_database(), 'CREATE'),
       coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = $1::text), false)
)sql";
constexpr std::string_view kRelations = R"sql(
SELECT n.nspname::text = $1::text, n.nspname::text = $2::text, c.relname::text
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname IN ($1::text, $2::text) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND (n.nspname = $1::text OR c.relname IN ('room_readings', 'room_minutes', 'room_hours'))
)sql";
constexpr std::string_view kIsHypertable = R"sql(
SELECT EXISTS (SELECT FROM timescaledb_information.hypertables
               WHERE hypertable_schema = 'temperature_service' AND hypertable_name = 'readings')
)sql";
constexpr std::string_view kEmpty = "SELECT NOT EXISTS (SELECT FROM temperature_service.readings)";
constexpr std::string_view kVersion = "SELECT coalesce(max(version), 0) FROM temperature_service.schema_migrations";
constexpr std::string_view kParts = "SELECT part, content FROM temperature_service.arrangement";

class Look {
 public:
  explicit Look(postgres::Connection& connection) : connection_(connection) {}

  postgres::Outcome<void> schemas(SchemaState& state, const postgres::Parameters& names) {
    auto rows = connection_.run(std::string(kSchemas), names);
    if (!rows) return std::unexpected(std::move(rows).error());
    state.schema = rows->boolean(0, 0);
    state.view_schema = rows->boolean(0, 1);
    state.may_create_schemas = rows->boolean(0, 2);
    state.may_create = rows->boolean(0, 3);
    auto relations = connection_.run(std::string(kRelations), names);
    if (!relations) return std::unexpected(std::move(relations).error());
    for (int row = 0; row < relations->count(); ++row) {
      if (relations->boolean(row, 0)) state.relations.emplace(relations->text(row, 2));
      if (relations->boolean(row, 1)) state.views.emplace(relations->text(row, 2));
    }
    return {};
  }

  postgres::Outcome<void> recorded(SchemaState& state) {
    if (state.relations.contains("schema_migrations")) {
      auto version = connection_.run(std::string(kVersion));
      if (!version) return std::unexpected(std::move(version).error());
      state.version = version->int4(0, 0);
    }
    if (state.relations.contains("arrangement")) {
      auto parts = connection_.run(std::string(kParts));
      if (!parts) return std::unexpected(std::move(parts).error());
      for (int row = 0; row < parts->count(); ++row) {
        state.parts.emplace(parts->text(row, 0), parts->text(row, 1));
      }
    }
    return {};
  }

  postgres::Outcome<void> readings(SchemaState& state, const ServerOffer& offer) {
    if (!state.relations.contains("readings") || offer.edition == Edition::plain) return {};
    auto hypertable = connection_.run(std::string(kIsHypertable));
    if (!hypertable) return std::unexpected(std::move(hypertable).error());
    state.hypertable = hypertable->boolean(0, 0);
    if (state.hypertable) return {};
    auto empty = connection_.run(std::string(kEmpty));
    if (!empty) return std::unexpected(std::move(empty).error());
    state.empty = empty->boolean(0, 0);
    return {};
  }

 private:
  postgres::Connection& connection_;
};

}  // namespace

postgres::Outcome<SchemaState> look_at_schema(postgres::Connection& connection, const ServerOffer& offer,
                                              const std::string& view_schema) {
  postgres::Parameters names;
  names.text(kSchema);
  names.text(view_schema);
  SchemaState state;
  Look look(connection);
  if (auto done = look.schemas(state, names); !done) return std::unexpected(std::move(done).error());
  if (auto done = look.recorded(state); !done) return std::unexpected(std::move(done).error());
  if (auto done = look.readings(state, offer); !done) return std::unexpected(std::move(done).error());
  return state;
}

}  // namespace temperature::mirror
