#include "mirror/arrangement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "mirror/migration.h"

namespace temperature::mirror {
namespace {

using namespace std::chrono_literals;

ServerOffer offer_of(Edition edition) {
  ServerOffer offer{.edition = edition, .role = "ada", .database = "heat", .view_schema = "temperature_service"};
  if (edition != Edition::plain) offer.extension = "public";
  offer.columnstore_names = offer.buckets_per_batch = edition == Edition::community;
  return offer;
}

SchemaState state_with_tables() {
  SchemaState state{.schema = true, .view_schema = true, .may_create = true, .version = newest_schema_version()};
  for (const SchemaStep& step : schema_steps()) {
    for (const std::string_view table : step.tables) state.relations.emplace(table);
  }
  return state;
}

void record(SchemaState& state, const Part& part) {
  state.parts.insert_or_assign(part.name, part.content);
  if (part.name == kHypertablePart) state.hypertable = true;
  if (part.name == kMinutesPart) state.relations.insert({"reading_minutes", "reading_hours"});
  if (part.name == "views") state.views = {"room_readings", "room_minutes", "room_hours"};
}

// Makes everything that is due, and returns its names and all its SQL.
std::pair<std::vector<std::string>, std::string> make_all(SchemaState& state, const ServerOffer& offer,
                                                          const SchemaOptions& options = {}) {
  std::pair<std::vector<std::string>, std::string> made;
  for (const Part& part : due_parts(offer, state, options)) {
    made.first.push_back(part.name);
    made.second += part.sql;
    record(state, part);
  }
  return made;
}

std::string refusal(const ServerOffer& offer, const SchemaState& state) {
  auto work = next_work(offer, state, {});
  return work ? "" : work.error().text;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

using Names = std::vector<std::string>;

TEST(Arrangement, PlainHasViewsOfReadings) {
  SchemaState state = state_with_tables();
  const auto [names, sql] = make_all(state, offer_of(Edition::plain));
  EXPECT_EQ(names, (Names{"ranges", "views"}));
  EXPECT_TRUE(has(sql, "date_bin('1 hour', r.time"));
  EXPECT_FALSE(has(sql, "@") || has(sql, "reading_minutes"));
  EXPECT_TRUE(make_all(state, offer_of(Edition::plain)).first.empty());
}

TEST(Arrangement, ApacheHasAHypertableAndNothingOfTheCommunityLicence) {
  SchemaState state = state_with_tables();
  const auto [names, sql] = make_all(state, offer_of(Edition::apache), {.retention = Retention(24h)});
  EXPECT_EQ(names, (Names{"hypertable", "views"}));
  EXPECT_TRUE(has(sql, "public.create_hypertable(") && has(sql, "public.time_bucket('1 minute', r.time)"));
  EXPECT_FALSE(has(sql, "columnstore") || has(sql, "continuous") || has(sql, "_policy") || has(sql, "@"));
}

TEST(Arrangement, NamesOfBeforeColumnstoreAreUsedWhereThereAreNoOthers) {
  ServerOffer offer = offer_of(Edition::community);
  SchemaState state = state_with_tables();
  const auto [names, sql] = make_all(state, offer);
  EXPECT_EQ(names, (Names{"hypertable", "columnstore", "minutes", "refresh", "columnstore of aggregates", "views"}));
  EXPECT_TRUE(has(sql, "add_columnstore_policy") && has(sql, "buckets_per_batch => 1440"));
  EXPECT_FALSE(has(sql, "compress_") || has(sql, "@"));

  offer.columnstore_names = offer.buckets_per_batch = false;
  EXPECT_EQ(make_all(state, offer).first, Names{"refresh"}) << "an update changes names, and nothing that is kept";
  SchemaState fresh = state_with_tables();
  const std::string former = make_all(fresh, offer).second;
  EXPECT_TRUE(has(former, "add_compression_policy") && has(former, "timescaledb.compress_segmentby = 'series'"));
  EXPECT_FALSE(has(former, "columnstore") || has(former, "buckets_per_batch"));
}

TEST(Arrangement, TheDatabaseDropsWhatNoQuantityIsKeptForAnyLonger) {
  Retention retention(400 * 24h);
  retention.keep("co2", 30 * 24h);
  EXPECT_EQ(longest(retention), Duration(400 * 24h));
  retention.keep("co2", 500 * 24h);
  EXPECT_EQ(longest(retention), Duration(500 * 24h));
  retention.keep("co2", Duration(0));
  EXPECT_EQ(longest(retention), Duration(0)) << "one is kept for ever";
  EXPECT_EQ(longest(Retention()), Duration(0));

  SchemaState state = state_with_tables();
  make_all(state, offer_of(Edition::community));
  const auto [names, sql] = make_all(state, offer_of(Edition::community), {.retention = Retention(400 * 24h)});
  EXPECT_EQ(names, Names{"retention"});
  EXPECT_TRUE(
      has(sql, "add_retention_policy('temperature_service.readings', drop_after => INTERVAL '34560000 seconds')"));
  EXPECT_TRUE(has(sql, "add_retention_policy('temperature_service.reading_hours'"));
  EXPECT_TRUE(make_all(state, offer_of(Edition::community)).first.empty()) << "who says nothing of it changes nothing";
  const std::string none = make_all(state, offer_of(Edition::community), {.retention = Retention()}).second;
  EXPECT_TRUE(has(none, "remove_retention_policy") && !has(none, "add_retention_policy"));
}

TEST(Arrangement, ViewsMoveToAnotherSchemaAndComeBackWhenOneIsGone) {
  SchemaState state = state_with_tables();
  ServerOffer offer = offer_of(Edition::plain);
  make_all(state, offer);
  offer.view_schema = "\"Für uns\"";
  state.view_schema = false;
  const auto [names, sql] = make_all(state, offer);
  EXPECT_EQ(names, Names{"views"});
  EXPECT_TRUE(sql.starts_with("CREATE SCHEMA \"Für uns\";") && has(sql, "VIEW \"Für uns\".room_hours"));
  state.view_schema = true;
  state.views.erase("room_hours");
  EXPECT_FALSE(has(make_all(state, offer).second, "CREATE SCHEMA"));
}

TEST(Arrangement, AnOrdinaryTableWithReadingsStaysOneUntilItIsConverted) {
  SchemaState state = state_with_tables();
  make_all(state, offer_of(Edition::plain));
  state.empty = false;
  EXPECT_TRUE(make_all(state, offer_of(Edition::community)).first.empty());
  const auto names = make_all(state, offer_of(Edition::community), {.convert = true}).first;
  EXPECT_EQ(names.front(), "hypertable");
  EXPECT_EQ(names.back(), "views") << "which stand on aggregates now";
}

TEST(Arrangement, WhatTheTablesNeedAndTheServerHasNoMoreIsRefused) {
  SchemaState state = state_with_tables();
  make_all(state, offer_of(Edition::community));
  EXPECT_TRUE(has(refusal(offer_of(Edition::apache), state), "timescaledb.license = apache: set it to timescale"));
  EXPECT_TRUE(has(refusal(offer_of(Edition::plain), state), "the extension timescaledb no more"));
  state.hypertable = false;
  EXPECT_TRUE(has(refusal(offer_of(Edition::community), state), "is an ordinary table now"));
}

TEST(Arrangement, ALicenceThatIsGivenLaterIsMadeUseOf) {
  SchemaState state = state_with_tables();
  make_all(state, offer_of(Edition::apache));
  const auto [names, sql] = make_all(state, offer_of(Edition::community));
  EXPECT_EQ(names, (Names{"columnstore", "minutes", "refresh", "columnstore of aggregates", "views"}));
  EXPECT_TRUE(has(sql, "INSERT INTO late_hours")) << "what is there already is computed, too";
}

TEST(Migration, BeginsWithTheSchemaAndNothingByChanceIsInItsWay) {
  SchemaState state{.may_create_schemas = true};
  auto work = next_work(offer_of(Edition::plain), state, {});
  ASSERT_TRUE(work.has_value() && work->has_value());
  EXPECT_EQ((*work)->version, 1);
  EXPECT_TRUE((*work)->sql.starts_with("CREATE SCHEMA temperature_service;"));
  state.schema = state.may_create = true;
  state.relations = {"somebody_elses"};
  work = next_work(offer_of(Edition::plain), state, {});
  ASSERT_TRUE(work.has_value() && work->has_value());
  EXPECT_FALSE(has((*work)->sql, "CREATE SCHEMA"));
}

}  // namespace
}  // namespace temperature::mirror
