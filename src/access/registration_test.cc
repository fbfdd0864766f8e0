#include "access/registration.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "access/credentials_for_test.h"
#include "base/json_text.h"
#include "base/time.h"
#include "model/name_limits.h"

namespace temperature::access {
namespace {

// A key as JSON, with its quotes.
std::string pem() {
  static const std::string text = [] {
    std::string quoted;
    append_json_string(quoted, new_key().public_key().pem());
    return quoted;
  }();
  return text;
}

std::string sensor_fault(std::string_view json, std::string_view id = "s1") {
  const auto read = read_sensor(id, json);
  return read ? "" : std::string(traits(read.error().code).code);
}
std::string key_fault(std::string_view json) {
  const auto read = read_key_wish(json);
  return read ? "" : std::string(traits(read.error().code).code);
}

TEST(Registration, ReadsASensor) {
  const auto sensor = read_sensor(
      "s1", fmt::format(R"({{"keys":[{{"kid":"k1","public_key":{}}},{{"public_key":{{"kty":"OKP","crv":"Ed25519",)"
                        R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}}}],"building":"north","room":"hall",)"
                        R"("quantities":["temperature","co2","co2"]}})",
                        pem()));
  ASSERT_TRUE(sensor) << sensor.error().detail;
  EXPECT_EQ(sensor->id, "s1");
  ASSERT_EQ(sensor->keys.size(), 2U);
  EXPECT_EQ(sensor->keys[0].kid, "k1");
  EXPECT_EQ(sensor->keys[1].kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");  // RFC 8037, appendix A.3
  EXPECT_EQ(sensor->building, "north");
  EXPECT_EQ(sensor->room, "hall");
  EXPECT_EQ(sensor->quantities, (std::vector<std::string>{"co2", "temperature"}));
}

TEST(Registration, LeavesOpenWhatIsNotNamed) {
  const auto sensor = read_sensor("s1", fmt::format(R"({{"keys":[{{"public_key":{}}}],"room":null}})", pem()));
  ASSERT_TRUE(sensor);
  EXPECT_TRUE(sensor->building.empty() && sensor->room.empty() && sensor->quantities.empty());
}

TEST(Registration, RefusesWhatIsNotMeant) {
  const std::string key = fmt::format(R"({{"kid":"k","public_key":{}}})", pem());
  const auto with = [&key](std::string_view more) { return fmt::format(R"({{"keys":[{}]{}}})", key, more); };
  EXPECT_EQ(sensor_fault(with("")), "");
  EXPECT_EQ(sensor_fault("{"), "malformed_json");
  EXPECT_EQ(sensor_fault(""), "malformed_json");
  for (const std::string& wrong : {
           std::string("[]"),
           std::string("{}"),
           std::string(R"({"keys":[]})"),
           fmt::format(R"({{"keys":[{0},{0}]}})", key),                        // one kid twice
           fmt::format(R"({{"keys":[{0},{0},{0}]}})", key),                    // three
           fmt::format(R"({{"keys":[{{"kid":7,"public_key":{}}}]}})", pem()),  //
           fmt::format(R"({{"keys":[{{"kid":"","public_key":{}}}]}})", pem()),
           with(R"(,"quantites":["co2"])"),  // misspelt: would allow all
           with(R"(,"room":"a","room":"b")"),
           with(R"(,"room":7)"),
           with(R"(,"room":"")"),
           with(R"(,"quantities":"co2")"),
           with(R"(,"quantities":[])"),
           with(R"(,"quantities":[1])"),
           with(R"(,"room":"a\u0007")"),
           with(",\"room\":\"" + std::string(129, 'x') + "\""),
       }) {
    EXPECT_EQ(sensor_fault(wrong), "registration_invalid") << wrong;
  }
  EXPECT_EQ(sensor_fault(R"({"keys":[{"public_key":"x"}]})"), "public_key_invalid");
  EXPECT_EQ(sensor_fault(with(""), ""), "registration_invalid");
  EXPECT_EQ(sensor_fault(with(""), std::string(limits::kNameBytesMax, 'x')), "");
  EXPECT_EQ(sensor_fault(with(""), std::string(limits::kNameBytesMax + 1, 'x')), "registration_invalid");
  EXPECT_EQ(sensor_fault(with(std::string(limits::kRegistrationBytesMax, ' '))), "registration_invalid");
}

TEST(Registration, ReadsAKeyWish) {
  const auto wish = read_key_wish(
      R"({"name":"grafana","role":"reader","buildings":["south","north"],"expires":"2030-01-01T00:00:00Z"})");
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->name, "grafana");
  EXPECT_EQ(wish->role, Role::reader);
  EXPECT_EQ(wish->buildings, (std::vector<std::string>{"north", "south"}));
  EXPECT_EQ(to_ms(wish->expires), 1'893'456'000'000);
  EXPECT_EQ(read_key_wish(R"({"name":"x","role":"admin"})")->expires, kTimestampMax);
  EXPECT_EQ(to_ms(read_key_wish(R"({"name":"x","role":"writer","expires":1893456000000})")->expires),
            1'893'456'000'000);
  for (const std::string_view wrong :
       {R"({})", R"({"name":"x"})", R"({"role":"reader"})", R"({"name":"x","role":"sensor"})",
        R"({"name":"x","role":"nobody"})", R"({"name":"x","role":""})", R"({"name":"x","role":"Reader"})",
        R"({"name":"x","role":"admin","buildings":["a"]})", R"({"name":"x","role":"reader","building":"a"})",
        R"({"name":"x","role":"reader","expires":"soon"})", R"({"name":"x","role":"reader","buildings":[]})"}) {
    EXPECT_EQ(key_fault(wrong), "registration_invalid") << wrong;
  }
}

TEST(Registration, ShowsNothingOfASecret) {
  ApiKey key;
  key.id = "k1";
  key.name = "grafana";
  key.role = Role::writer;
  key.created = timestamp_from_ms(1'800'000'000'000);
  key.secret = *hash_secret("secret");
  std::string out;
  append_json(out, key);
  EXPECT_EQ(out, R"({"id":"k1","name":"grafana","role":"writer","created":"2027-01-15T08:00:00.000Z",)"
                 R"("expires":null,"last_used":null})");
}

}  // namespace
}  // namespace temperature::access
