#include "mirror/server_offer.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace temperature::mirror {
namespace {

using postgres::Failure;

constexpr int kPostgresOldest = 14;               // date_bin()
constexpr int kTimescaleOldest = 2 * 1'000 + 13;  // by_range()

// The licence is asked for by a function of the extension's, whose library is loaded when the statement is read.
constexpr std::string_view kQuestion = R"sql(
SELECT current_setting('server_version')::text,
       pg_is_in_recovery(),
       current_setting('transaction_read_only') = 'on',
       current_user::text,
       current_database()::text,
       quote_ident($1::text),
       coalesce(e.extversion::text, ''),
       coalesce(quote_ident(n.nspname), ''),
       coalesce(current_setting('timescaledb.license', true), ''),
       EXISTS (SELECT FROM pg_available_extensions AS a WHERE a.name = 'timescaledb'),
       EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = e.extnamespace AND p.proname = 'add_columnstore_policy'),
       EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = e.extnamespace
               AND p.proname = 'add_continuous_aggregate_policy' AND 'buckets_per_batch' = ANY (p.proargnames))
FROM (VALUES (1)) AS one
LEFT JOIN pg_extension AS e ON e.extname = 'timescaledb'
LEFT JOIN pg_namespace AS n ON n.oid = e.extnamespace
)sql";

// "2.23.0-dev" is 2,023.
int timescale_version(std::string_view text) {
  int parts[2] = {0, 0};
  std::size_t part = 0;
  for (const char c : text) {
    if (c == '.' && ++part == std::size(parts)) break;
    if (c >= '0' && c <= '9') parts[part] = parts[part] * 10 + (c - '0');
  }
  return parts[0] * 1'000 + parts[1];
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

postgres::Outcome<void> check_offer(const postgres::Connection& connection, const ServerOffer& offer,
                                    std::string_view timescale) {
  const auto cannot = [](std::string text, std::string sqlstate = "0A000") {
    return std::unexpected(Failure{.sqlstate = std::move(sqlstate), .text = std::move(text)});
  };
  if (connection.server_version() / 10'000 < kPostgresOldest) {
    return cannot(
        fmt::format("{} is too old: PostgreSQL {} is the oldest that will do", offer.server, kPostgresOldest));
  }
  if (!timescale.empty() && timescale_version(timescale) < kTimescaleOldest) {
    return cannot(
        fmt::format("TimescaleDB {} is too old: update it to {}.{} or later (ALTER EXTENSION timescaledb UPDATE)",
                    timescale, kTimescaleOldest / 1'000, kTimescaleOldest % 1'000));
  }
  if (offer.standby) {
    return cannot(fmt::format("{} is a read-only standby: name its primary, or several hosts with "
                              "target_session_attrs=read-write in the URL",
                              connection.server()),
                  "25006");
  }
  if (offer.read_only) {
    return cannot(
        fmt::format("the role \"{}\" may only read in the database \"{}\": default_transaction_read_only is on",
                    offer.role, offer.database),
        "25006");
  }
  return {};
}

}  // namespace

std::string_view text_of(Edition edition) {
  switch (edition) {
    case Edition::plain:
      return "plain PostgreSQL";
    case Edition::apache:
      return "TimescaleDB, Apache edition";
    case Edition::community:
      return "TimescaleDB, community licence";
  }
  return "";
}

postgres::Outcome<ServerOffer> ask_offer(postgres::Connection& connection, const std::string& view_schema) {
  postgres::Parameters parameters;
  parameters.text(view_schema);
  auto rows = connection.run(std::string(kQuestion), parameters);
  if (!rows) return std::unexpected(std::move(rows).error());
  const auto word = [&rows](int column) { return std::string(rows->text(0, column)); };

  ServerOffer offer;
  offer.standby = rows->boolean(0, 1);
  offer.read_only = rows->boolean(0, 2);
  offer.role = word(3);
  offer.database = word(4);
  offer.view_schema = word(5);
  offer.server = fmt::format("PostgreSQL {}", first_word(rows->text(0, 0)));
  const std::string timescale = word(6);
  offer.not_in_database = timescale.empty() && rows->boolean(0, 9);
  if (!timescale.empty()) {
    offer.edition = rows->text(0, 8) == "timescale" ? Edition::community : Edition::apache;
    offer.extension = word(7);
    offer.columnstore_names = rows->boolean(0, 10);
    offer.buckets_per_batch = rows->boolean(0, 11);
    offer.server += fmt::format(" with TimescaleDB {} ({})", timescale,
                                offer.edition == Edition::community ? "community licence" : "Apache edition");
  }
  if (auto usable = check_offer(connection, offer, timescale); !usable) {
    return std::unexpected(std::move(usable).error());
  }
  return offer;
}

}  // namespace temperature::mirror
