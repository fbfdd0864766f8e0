#include "mirror/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mirror/arrangement.h"
#include "mirror/migration.h"
#include "mirror/schema_state.h"

namespace temperature::mirror {
namespace {

// Steps and parts that one call does or sees others do: there are some ten, so more are two programs that undo what the
// other did.
constexpr int kWorkMax = 100;

void add_notes(SchemaReport& report, const ServerOffer& offer) {
  if (offer.not_in_database) {
    report.notes.emplace_back(
        "the server has TimescaleDB, this database has not: with CREATE EXTENSION timescaledb, before the first "
        "reading, "
        "it would be used");
  } else if (offer.edition != Edition::plain && report.layout.edition == Edition::plain) {
    report.notes.emplace_back(
        "the database has TimescaleDB, but the readings are in an ordinary table of before: \"temperature-service "
        "migrate "
        "--convert\" makes it a hypertable, and nobody reads or writes meanwhile");
  } else if (report.layout.edition == Edition::apache) {
    report.notes.emplace_back(
        "columnstore and continuous aggregates come under TimescaleDB's community licence, which this server has not: "
        "the "
        "views of minutes and hours are computed from the readings");
  }
}

std::unexpected<postgres::Failure> cannot_look(const ServerOffer& offer, postgres::Failure failure) {
  if (failure.sqlstate == "42501") {
    failure.text = fmt::format(
        "the role \"{}\" may not read the tables in the schema {}: {}; have their owner grant USAGE on the schema and "
        "SELECT, INSERT, UPDATE, DELETE on its tables",
        offer.role, kSchema, failure.text);
  }
  return std::unexpected(std::move(failure));
}

std::string line_of(const Work& work) {
  if (work.version > 0) return fmt::format("made step {} of the tables ({})", work.version, work.name);
  return fmt::format("made the {}: {}", work.name, work.content);
}

}  // namespace

Duration longest(const Retention& retention) {
  Duration longest = retention.others();
  if (longest == Duration(0)) return longest;
  for (const auto& [quantity, length] : retention.own()) {
    if (length == Duration(0)) return length;
    longest = std::max(longest, length);
  }
  return longest;
}

postgres::Outcome<SchemaReport> migrate(postgres::Connection& connection, const SchemaOptions& options) {
  auto offer = ask_offer(connection, options.view_schema);
  if (!offer) return std::unexpected(std::move(offer).error());
  SchemaReport report;
  report.server = offer->server;
  for (int round = 0; round < kWorkMax; ++round) {
    auto state = look_at_schema(connection, *offer, options.view_schema);
    if (!state) return cannot_look(*offer, std::move(state).error());
    if (round == 0) report.version_before = state->version;
    auto work = next_work(*offer, *state, options);
    if (!work) return std::unexpected(std::move(work).error());
    if (!*work) {
      report.version = state->version;
      report.layout = {edition_of(*offer, *state, options), offer->extension};
      add_notes(report, *offer);
      return report;
    }
    auto done = do_work(connection, *offer, options, **work);
    if (!done) return std::unexpected(std::move(done).error());
    if (*done) report.done.push_back(line_of(**work));
  }
  return std::unexpected(postgres::Failure{
      .sqlstate = "0A000", .text = "another program changes the schema back as soon as this one has changed it"});
}

}  // namespace temperature::mirror
