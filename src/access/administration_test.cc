#include "access/administration.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "access/credentials_for_test.h"
#include "access/memory_registry.h"
#include "testing/temporary_folder.h"

namespace temperature::access {
namespace {

class AdministrationTest : public ::testing::Test {
 protected:
  std::string log() {
    std::ifstream in(folder.path() / "audit.jsonl");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  testing::TemporaryFolder folder;
  FixedClock clock;
  MemoryRegistry registry;
  AuditLog audit{folder.path() / "audit.jsonl"};
  Administration administration{registry, audit, clock};
};

TEST_F(AdministrationTest, WritesALineForEachChange) {
  const auto kept = administration.put_sensor("admin", sensor_with("s\"1", {{"k1", new_key().public_key()}}));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->registered, clock.now());
  const auto made = administration.make_key("admin", {.name = "grafana", .role = Role::reader, .buildings = {}});
  ASSERT_TRUE(made);
  ASSERT_TRUE(administration.remove_key("key:other", made->key.id));
  ASSERT_TRUE(administration.remove_sensor("admin", "s\"1"));

  std::istringstream lines(log());
  const std::string starts[] = {
      R"({"time":"2027-01-15T08:00:00.000Z","actor":"admin","action":"sensor.put","subject":"s\"1","detail":{)",
      R"({"time":"2027-01-15T08:00:00.000Z","actor":"admin","action":"key.make","subject":")" + made->key.id + "\"",
      R"({"time":"2027-01-15T08:00:00.000Z","actor":"key:other","action":"key.remove","subject":")" + made->key.id,
      R"({"time":"2027-01-15T08:00:00.000Z","actor":"admin","action":"sensor.remove","subject":"s\"1"})",
  };
  for (const std::string& start : starts) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_TRUE(line.starts_with(start)) << line;
  }
  EXPECT_EQ(log().find(made->text), std::string::npos);  // no secret
  EXPECT_EQ(log().find(made->text.substr(17)), std::string::npos);
}

TEST_F(AdministrationTest, TellsOfEachChangeThatWasMadeAndOfNoOther) {
  std::vector<std::string> told;
  Administration telling(
      registry, audit, clock, {.changed = [&told](const AdministrationOptions::Change& change) {
        told.push_back(fmt::format("{} {} {}/{}", change.actor.name, change.what, change.id, change.name));
      }});
  ASSERT_TRUE(telling.put_sensor("admin", sensor_with("s1", {{"k1", new_key().public_key()}})));
  const auto made = telling.make_key("admin", {.name = "grafana", .role = Role::reader, .buildings = {}});
  ASSERT_TRUE(made);
  EXPECT_FALSE(telling.remove_key("admin", "nobody"));
  EXPECT_FALSE(telling.remove_sensor("admin", "nobody"));
  EXPECT_FALSE(
      telling.make_key("admin", {.name = "late", .role = Role::reader, .buildings = {}, .expires = Timestamp()}));
  ASSERT_TRUE(telling.remove_key("key:other", made->key.id));
  ASSERT_TRUE(telling.remove_sensor("admin", "s1"));
  EXPECT_EQ(told, (std::vector<std::string>{
                      "admin registered a sensor s1/", fmt::format("admin made a key {}/grafana", made->key.id),
                      fmt::format("key:other revoked a key {}/", made->key.id), "admin revoked a sensor s1/"}));
}

TEST_F(AdministrationTest, MakesKeysThatTheirHashFits) {
  const auto made = administration.make_key("admin", {.name = "x", .role = Role::writer, .buildings = {"north"}});
  ASSERT_TRUE(made);
  const auto kept = registry.find_key(made->key.id);
  ASSERT_TRUE(*kept);
  EXPECT_TRUE(matches((*kept)->secret, made->text));
  EXPECT_EQ(api_key_id(made->text), made->key.id);
}

TEST_F(AdministrationTest, RefusesAKeyThatHasExpiredAlready) {
  const auto made =
      administration.make_key("admin", {.name = "x", .role = Role::writer, .buildings = {}, .expires = clock.now()});
  EXPECT_EQ(made.error().code, ErrorCode::registration_invalid);
  EXPECT_EQ(log(), "");
}

TEST_F(AdministrationTest, SaysWhatIsNotThere) {
  EXPECT_EQ(administration.remove_sensor("admin", "s1").error().code, ErrorCode::sensor_unknown);
  EXPECT_EQ(administration.remove_key("admin", "k1").error().code, ErrorCode::key_unknown);
}

// The log is what happened: who looks for a change finds no attempts between.
TEST_F(AdministrationTest, WritesNoLineForWhatChangesNothing) {
  EXPECT_FALSE(administration.remove_sensor("admin", "s1"));
  EXPECT_FALSE(administration.remove_key("admin", "k1"));
  EXPECT_EQ(log(), "");

  const Sensor sensor = sensor_with("s1", {{"k1", new_key().public_key()}});
  const auto first = administration.put_sensor("admin", sensor);
  ASSERT_TRUE(first);
  const std::string after_first = log();
  clock.go_on(std::chrono::hours(1));
  const auto again = administration.put_sensor("admin", sensor);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *first);
  EXPECT_EQ((*registry.find_sensor("s1"))->registered, first->registered);
  EXPECT_EQ(log(), after_first);

  Sensor other = sensor;
  other.room = "hall";
  const auto changed = administration.put_sensor("admin", other);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->registered, first->registered + std::chrono::hours(1));
  EXPECT_NE(log(), after_first);
}

// One of several who revoke at once has done it.
TEST_F(AdministrationTest, TellsOneOfManyThatItRevoked) {
  ASSERT_TRUE(administration.put_sensor("admin", sensor_with("s1", {{"k1", new_key().public_key()}})));
  const auto before = std::ranges::count(log(), '\n');
  std::atomic<int> revoked{0};
  std::vector<std::thread> all;
  for (int i = 0; i < 4; ++i) {
    all.emplace_back([&] { revoked += administration.remove_sensor("admin", "s1") ? 1 : 0; });
  }
  for (std::thread& each : all) each.join();
  EXPECT_EQ(revoked, 1);
  EXPECT_EQ(std::ranges::count(log(), '\n'), before + 1);
}

TEST_F(AdministrationTest, ChangesNothingWithoutALine) {
  AuditLog unwritable(folder.path() / "no" / "such" / "folder");
  Administration blind(registry, unwritable, clock);
  EXPECT_EQ(blind.put_sensor("admin", sensor_with("s1", {{"k1", new_key().public_key()}})).error().code,
            ErrorCode::registry_failed);
  EXPECT_EQ(*registry.find_sensor("s1"), std::nullopt);
  EXPECT_FALSE(blind.make_key("admin", {.name = "x", .role = Role::writer, .buildings = {}}));
  EXPECT_TRUE(registry.keys("", 10)->empty());
}

// A full disk must keep nobody in who is to be kept out.
TEST_F(AdministrationTest, RevokesAlsoWithoutALine) {
  ASSERT_TRUE(administration.put_sensor("admin", sensor_with("s1", {{"k1", new_key().public_key()}})));
  const auto made = administration.make_key("admin", {.name = "x", .role = Role::admin, .buildings = {}});
  ASSERT_TRUE(made);
  AuditLog unwritable(folder.path() / "no" / "such" / "folder");
  std::vector<std::string> told;
  Administration blind(
      registry, unwritable, clock,
      {.unaudited = [&told](const Error&, std::string_view line, const TraceIds&) { told.emplace_back(line); }});
  EXPECT_TRUE(blind.remove_sensor("admin", "s1"));
  EXPECT_TRUE(blind.remove_key("key:other", made->key.id));
  EXPECT_EQ(*registry.find_sensor("s1"), std::nullopt);
  EXPECT_EQ(*registry.find_key(made->key.id), std::nullopt);
  EXPECT_EQ(told, (std::vector<std::string>{
                      R"({"time":"2027-01-15T08:00:00.000Z","actor":"admin","action":"sensor.remove","subject":"s1"})"
                      "\n",
                      R"({"time":"2027-01-15T08:00:00.000Z","actor":"key:other","action":"key.remove","subject":")" +
                          made->key.id + "\"}\n"}));
  // One key less is a revocation too, but a registration besides: that needs its line.
  EXPECT_FALSE(blind.put_sensor("admin", sensor_with("s1", {})));
}

TEST_F(AdministrationTest, MarksWhatIsMadeWhileNobodyIsAsked) {
  Administration open(registry, audit, clock, {.open = true});
  ASSERT_TRUE(open.put_sensor("dev", sensor_with("s1", {{"k1", new_key().public_key()}})));
  const auto made = open.make_key("dev", {.name = "x", .role = Role::admin, .buildings = {}});
  ASSERT_TRUE(made);
  EXPECT_TRUE((*registry.find_sensor("s1"))->made_open);
  EXPECT_TRUE((*registry.find_key(made->key.id))->made_open);
  std::string shown;
  append_json(shown, made->key);
  EXPECT_NE(shown.find(R"("made_under_dev":true)"), std::string::npos);
  ASSERT_TRUE(administration.put_sensor("admin", **registry.find_sensor("s1")));
  EXPECT_FALSE((*registry.find_sensor("s1"))->made_open);
}

TEST_F(AdministrationTest, BeginsANewLineBehindATornOne) {
  std::ofstream(folder.path() / "audit.jsonl") << R"({"time":"2027)";
  ASSERT_TRUE(audit.append({clock.now(), "admin", "sensor.remove", "s1", {}}));
  EXPECT_EQ(log(),
            "{\"time\":\"2027\n"
            "{\"time\":\"2027-01-15T08:00:00.000Z\",\"actor\":\"admin\",\"action\":\"sensor.remove\","
            "\"subject\":\"s1\"}\n");
}

TEST_F(AdministrationTest, KeepsTheLogToItsOwner) {
  ASSERT_TRUE(audit.append({clock.now(), "admin", "sensor.remove", "s1", {}}));
  EXPECT_EQ(std::filesystem::status(folder.path() / "audit.jsonl").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace
}  // namespace temperature::access
