#include "access/keyed_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "access/bucket_table.h"
#include "access/credentials_for_test.h"
#include "access/memory_registry.h"
#include "access/token.h"
#include "base/time.h"
#include "base/utf8.h"
#include "model/name_limits.h"

namespace temperature::access {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kAdminKey = "the-operator's-own-key-0123456789";

class KeyedGateTest : public ::testing::Test {
 protected:
  // What became of a request: the name of its sender, or the code of the error.
  std::string ask(const std::string& credential, Need need = Need::write) {
    Visit visit;
    return ask(visit, credential, need);
  }
  std::string ask(Visit& visit, const std::string& credential, Need need = Need::write) {
    const std::string authorization = credential.empty() ? "" : "Bearer " + credential;
    const auto admitted = gate.admit({authorization, {}, "10.0.0.1"}, need, visit);
    return admitted ? (*admitted)->name : std::string(traits(admitted.error().error.code).code);
  }
  std::string token(const PrivateKey& its_key, std::string sensor = "s1", std::string kid = "k1",
                    Duration lifetime = hours(1)) {
    return *make_token(
        its_key, {.sensor = std::move(sensor), .kid = std::move(kid), .issued = clock.now(), .lifetime = lifetime});
  }
  std::string api_key(Role role, std::vector<std::string> buildings = {}, Timestamp expires = kTimestampMax) {
    auto text = make_api_key();
    ApiKey made;
    made.id = text->id;
    made.name = "someone";
    made.role = role;
    made.buildings = std::move(buildings);
    made.expires = expires;
    made.secret = *hash_secret(text->text);
    EXPECT_TRUE(registry.put_key(made));
    last_key_id = made.id;
    return text->text;
  }
  std::uint64_t signatures() { return gate.figures().signatures.load(); }

  FixedClock clock;
  FixedStopwatch stopwatch;
  MemoryRegistry registry;
  BucketTable buckets;
  LimitPolicy limits{{.sensor = {10, 600}, .key = {}, .service = {}, .address = {1, 5}}, buckets, stopwatch};
  KeyedGate gate{{.admin_key = std::string(kAdminKey), .open = {Need::docs}, .series_per_sensor_max = 64},
                 registry,
                 limits,
                 clock};
  const PrivateKey key = new_key();
  const PrivateKey second = new_key(Algorithm::es256);
  std::string last_key_id;
};

// By a clock that is not set no token and no key has expired, or is for later: nobody knows.
TEST_F(KeyedGateTest, JudgesNobodyByAClockThatIsNotSet) {
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
  const std::string its_token = token(key);
  const std::string its_key = api_key(Role::writer, {}, clock.now() + std::chrono::days(9));
  const std::string lasting = api_key(Role::writer);
  for (const bool remembered : {false, true}) {
    for (const int years : {-50, +100}) {
      const Duration away = std::chrono::days(365 * years);
      clock.go_on(away);
      EXPECT_EQ(ask(its_token), remembered && years < 0 ? "sensor:s1" : "clock_not_set");
      EXPECT_TRUE(ask(its_key).starts_with(years < 0 ? "key:" : "clock_not_set"));
      EXPECT_TRUE(ask(lasting).starts_with("key:"));
      EXPECT_EQ(ask(std::string(kAdminKey)), "admin");
      clock.go_on(-away);
    }
    EXPECT_EQ(ask(its_token), "sensor:s1");
    EXPECT_TRUE(ask(its_key).starts_with("key:"));
  }
}

TEST_F(KeyedGateTest, LetsTheOperatorIn) {
  for (const Need need : {Need::docs, Need::metrics, Need::read, Need::write, Need::admin}) {
    EXPECT_EQ(ask(std::string(kAdminKey), need), "admin");
  }
  EXPECT_EQ(ask(std::string(kAdminKey) + "x"), "credential_invalid");
  EXPECT_EQ(ask(std::string(kAdminKey.substr(1))), "credential_invalid");
}

TEST_F(KeyedGateTest, AsksForACredentialUnlessItIsOpen) {
  EXPECT_EQ(ask("", Need::nothing), "");
  EXPECT_EQ(ask("", Need::docs), "anybody");
  for (const Need need : {Need::metrics, Need::read, Need::write, Need::admin}) {
    EXPECT_EQ(ask("", need), "credential_missing");
  }
  EXPECT_EQ(ask("wrong", Need::docs), "credential_invalid");  // whoever shows something shows the right thing
  EXPECT_EQ(ask("wrong", Need::nothing), "");                 // the probes ask nobody
}

TEST_F(KeyedGateTest, LetsASensorWrite) {
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}, {"k2", second.public_key()}})));
  EXPECT_EQ(ask(token(key)), "sensor:s1");
  EXPECT_EQ(ask(token(second, "s1", "k2")), "sensor:s1");
  EXPECT_EQ(ask(token(key), Need::docs), "sensor:s1");
  for (const Need need : {Need::metrics, Need::read, Need::admin}) EXPECT_EQ(ask(token(key), need), "forbidden");
}

TEST_F(KeyedGateTest, GivesASensorThePermitOfItsRegistration) {
  Sensor sensor = sensor_with("s1", {{"k1", key.public_key()}});
  sensor.building = "north";
  sensor.room = "hall";
  sensor.quantities = {"co2"};
  ASSERT_TRUE(registry.put_sensor(sensor));
  Visit visit;
  ASSERT_EQ(ask(visit, token(key)), "sensor:s1");
  const auto admitted = gate.admit({"Bearer " + token(key), {}, {}}, Need::write, visit);
  EXPECT_EQ((*admitted)->permit, (Permit{"s1", {"north"}, "hall", {"co2"}, 64}));
  EXPECT_EQ((*admitted)->subject, "s1");
}

TEST_F(KeyedGateTest, ChecksASignatureOnce) {
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
  const std::string its = token(key);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(its), "sensor:s1");  // each time on another connection
  EXPECT_EQ(signatures(), 1U);
  Visit visit;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(visit, its), "sensor:s1");
  EXPECT_EQ(signatures(), 1U);
}

TEST_F(KeyedGateTest, DoesNotTakeOneSendersCredentialForAnothers) {
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
  ASSERT_TRUE(registry.put_sensor(sensor_with("s2", {{"k1", second.public_key()}})));
  const std::string one = token(key);
  const std::string two = token(second, "s2");
  Visit proxy;  // one connection, several senders
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask(proxy, one), "sensor:s1");
    EXPECT_EQ(ask(proxy, two), "sensor:s2");
    EXPECT_EQ(ask(proxy, ""), "credential_missing");
    EXPECT_EQ(ask(proxy, one + "x"), "credential_invalid");
  }
}

TEST_F(KeyedGateTest, ForgetsATokenWhenItExpires) {
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
  const std::string its = token(key, "s1", "k1", hours(1));
  Visit visit;
  clock.go_on(hours(1) + limits::kTokenClockSkew - Duration(1));
  EXPECT_EQ(ask(visit, its), "sensor:s1");
  EXPECT_EQ(ask(its), "sensor:s1");
  clock.go_on(Duration(1));
  EXPECT_EQ(ask(visit, its), "credential_expired");
  EXPECT_EQ(ask(its), "credential_expired");
}

TEST_F(KeyedGateTest, SeesARevocationAtOnceOnOpenConnectionsToo) {
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
  const std::string its = token(key);
  Visit visit;
  ASSERT_EQ(ask(visit, its), "sensor:s1");
  ASSERT_TRUE(registry.remove_sensor("s1"));
  EXPECT_EQ(ask(visit, its), "credential_invalid");
  EXPECT_EQ(ask(its), "credential_invalid");
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
  EXPECT_EQ(ask(visit, its), "sensor:s1");  // and a new registration
}

TEST_F(KeyedGateTest, RotatesKeysWithoutAGap) {
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
  const std::string old_token = token(key);
  const std::string new_token = token(second, "s1", "k2");
  EXPECT_EQ(ask(old_token), "sensor:s1");
  EXPECT_EQ(ask(new_token), "credential_invalid");
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}, {"k2", second.public_key()}})));
  EXPECT_EQ(ask(old_token), "sensor:s1");
  EXPECT_EQ(ask(new_token), "sensor:s1");
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k2", second.public_key()}})));
  EXPECT_EQ(ask(old_token), "credential_invalid");
  EXPECT_EQ(ask(new_token), "sensor:s1");
}

TEST_F(KeyedGateTest, ChecksAWrongSignatureOnce) {
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
  const std::string wrong = token(new_key());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ask(wrong), "credential_invalid");
  EXPECT_EQ(signatures(), 1U);
}

TEST_F(KeyedGateTest, LimitsHowManyWrongSignaturesAnAddressSends) {
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
  const std::string good = token(key);
  ASSERT_EQ(ask(good), "sensor:s1");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(token(new_key())), "credential_invalid");
  EXPECT_EQ(ask(token(new_key())), "rate_limited");
  EXPECT_EQ(ask(good), "sensor:s1");  // what is remembered is not checked, and so not limited
  Visit visit;
  const auto elsewhere = gate.admit({"Bearer " + token(new_key()), {}, "10.0.0.2"}, Need::write, visit);
  EXPECT_EQ(elsewhere.error().error.code, ErrorCode::credential_invalid);
  stopwatch.go_on(seconds(1));
  EXPECT_EQ(ask(token(new_key())), "credential_invalid");
}

// Before, whoever shared an address with one who sent wrong signatures was refused with him.
TEST_F(KeyedGateTest, HearsSensorsThatShareAnAddressWithAFlood) {
  LimitPolicy its_limits{
      {.sensor = {}, .key = {}, .service = {}, .address = {1, 5}, .trials_of_sensor = {0.1, 3}, .trials = {2, 4}},
      buckets,
      stopwatch};
  KeyedGate flooded{{.admin_key = std::string(kAdminKey), .open = {}}, registry, its_limits, clock};
  const auto ask_it = [&](const std::string& credential) {
    Visit visit;
    const auto admitted = flooded.admit({"Bearer " + credential, {}, "10.0.0.1"}, Need::write, visit);
    return admitted ? (*admitted)->name : std::string(traits(admitted.error().error.code).code);
  };
  for (const char* id : {"s1", "s2", "s3"}) {
    ASSERT_TRUE(registry.put_sensor(sensor_with(id, {{"k1", key.public_key()}})));
  }
  int checked = 0;
  for (int i = 0; i < 100; ++i) checked += ask_it(token(new_key(), "s1")) == "credential_invalid" ? 1 : 0;
  EXPECT_EQ(checked, 3 + 5 + 4);  // the bursts: what is checked has a bound
  EXPECT_EQ(flooded.figures().signatures_wrong.load(), 12U);
  EXPECT_EQ(ask_it(token(key, "s2")), "sensor:s2");  // was never seen before
  EXPECT_EQ(ask_it(token(key, "s2", "k1", minutes(7))), "sensor:s2");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask_it(token(new_key(), "s3")), "credential_invalid");
  EXPECT_EQ(ask_it(token(key, "s3")), "rate_limited");  // his name was used, too
  stopwatch.go_on(std::chrono::milliseconds(500));      // some of all
  EXPECT_EQ(ask_it(token(key, "s3")), "sensor:s3");
}

TEST_F(KeyedGateTest, LetsNobodyInByWhatWasMadeOpen) {
  Sensor sensor = sensor_with("s1", {{"k1", key.public_key()}});
  sensor.made_open = true;
  ASSERT_TRUE(registry.put_sensor(sensor));
  const std::string its = token(key);
  EXPECT_EQ(ask(its), "credential_invalid");
  EXPECT_EQ(signatures(), 0U);
  const std::string made = api_key(Role::admin);
  ApiKey record = **registry.find_key(last_key_id);
  record.made_open = true;
  ASSERT_TRUE(registry.put_key(record));
  for (const Need need : {Need::docs, Need::read, Need::write, Need::admin}) {
    EXPECT_EQ(ask(made, need), "credential_invalid");
  }
  sensor.made_open = false;
  ASSERT_TRUE(registry.put_sensor(sensor));
  EXPECT_EQ(ask(its), "sensor:s1");  // registered again
}

TEST_F(KeyedGateTest, CutsTheNameOfASenderBetweenTwoCharacters) {
  std::string id;
  while (id.size() < limits::kNameBytesMax) id += "\xc3\xa9";
  ASSERT_TRUE(registry.put_sensor(sensor_with(id, {{"k1", key.public_key()}})));
  const std::string name = ask(token(key, id));
  EXPECT_TRUE(name.starts_with("sensor:\xc3\xa9")) << name;
  EXPECT_TRUE(valid_utf8(name)) << name;
  EXPECT_LE(name.size(), limits::kSenderBytesMax);
}

TEST_F(KeyedGateTest, LetsKeysDoWhatTheirRoleSays) {
  const std::string writer = api_key(Role::writer);
  const std::string writer_name = "key:" + last_key_id;
  const std::string reader = api_key(Role::reader, {"north"});
  const std::string reader_name = "key:" + last_key_id;
  const std::string admin = api_key(Role::admin);
  const std::string admin_name = "key:" + last_key_id;
  EXPECT_EQ(ask(writer, Need::write), writer_name);
  EXPECT_EQ(ask(writer, Need::read), "forbidden");
  EXPECT_EQ(ask(reader, Need::read), reader_name);
  EXPECT_EQ(ask(reader, Need::write), "forbidden");
  EXPECT_EQ(ask(reader, Need::metrics), "forbidden");  // of all buildings
  EXPECT_EQ(ask(admin, Need::admin), admin_name);
  EXPECT_EQ(ask(writer, Need::admin), "forbidden");
}

TEST_F(KeyedGateTest, RefusesKeysThatAreWrongExpiredOrRevoked) {
  const std::string its = api_key(Role::reader, {}, clock.now() + minutes(10));
  EXPECT_EQ(ask(its, Need::read), "key:" + last_key_id);
  std::string other_secret = make_api_key()->text;
  other_secret.replace(4, 12, last_key_id);
  EXPECT_EQ(ask(other_secret, Need::read), "credential_invalid");  // the checksum
  EXPECT_EQ(ask(make_api_key()->text, Need::read), "credential_invalid");
  clock.go_on(minutes(10));
  EXPECT_EQ(ask(its, Need::read), "credential_expired");
  const std::string another = api_key(Role::reader);
  Visit visit;
  ASSERT_EQ(ask(visit, another, Need::read), "key:" + last_key_id);
  ASSERT_TRUE(registry.remove_key(last_key_id));
  EXPECT_EQ(ask(visit, another, Need::read), "credential_invalid");
}

TEST_F(KeyedGateTest, NotesTheUseOfAKeyOnceAMinute) {
  const std::string its = api_key(Role::reader);
  const auto last_used = [&] { return (*registry.find_key(last_key_id))->last_used; };
  EXPECT_EQ(last_used(), std::nullopt);
  const Timestamp first = clock.now();
  ASSERT_EQ(ask(its, Need::read), "key:" + last_key_id);
  EXPECT_EQ(last_used(), first);
  clock.go_on(minutes(1) - Duration(1));
  ASSERT_EQ(ask(its, Need::read), "key:" + last_key_id);
  EXPECT_EQ(last_used(), first);
  clock.go_on(Duration(1));
  ASSERT_EQ(ask(its, Need::read), "key:" + last_key_id);
  EXPECT_EQ(last_used(), clock.now());
}

TEST_F(KeyedGateTest, CountsWhatItRefuses) {
  static_cast<void>(ask(""));
  static_cast<void>(ask("wrong"));
  static_cast<void>(ask(api_key(Role::reader), Need::write));
  static_cast<void>(ask(api_key(Role::reader, {}, clock.now()), Need::read));
  EXPECT_EQ(gate.figures().missing.load(), 1U);
  EXPECT_EQ(gate.figures().invalid.load(), 1U);
  EXPECT_EQ(gate.figures().forbidden.load(), 1U);
  EXPECT_EQ(gate.figures().expired.load(), 1U);
}

// Run under TSan: requests while keys come and go. Nobody who was never registered gets in.
TEST_F(KeyedGateTest, AdmitsWhileTheRegistryChanges) {
  ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
  const std::string good = token(key);
  const std::string wrong = token(key, "s2");
  std::atomic<bool> over{false};
  std::thread changes([&] {
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(registry.remove_sensor("s1"));
      EXPECT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}})));
    }
    over = true;
  });
  std::vector<std::thread> asking;
  for (int i = 0; i < 2; ++i) {
    asking.emplace_back([&] {
      Visit visit;
      while (!over) {
        const std::string got = ask(visit, good);
        EXPECT_TRUE(got == "sensor:s1" || got == "credential_invalid") << got;
        EXPECT_EQ(ask(wrong), "credential_invalid");
      }
    });
  }
  changes.join();
  for (auto& thread : asking) thread.join();
  EXPECT_EQ(ask(good), "sensor:s1");
}

}  // namespace
}  // namespace temperature::access
