#include "client/registry_text.h"

#include <gtest/gtest.h>

namespace temperature::client {
namespace {

class RegistryText : public ::testing::Test {
 protected:
  simdjson::dom::element json(const std::string& text) {
    simdjson::dom::element element;
    EXPECT_EQ(parser.parse(text).get(element), simdjson::SUCCESS) << text;
    return element;
  }
  simdjson::dom::object object(const std::string& text) {
    simdjson::dom::object object;
    EXPECT_EQ(json(text).get(object), simdjson::SUCCESS) << text;
    return object;
  }

  simdjson::dom::parser parser;
};

TEST_F(RegistryText, ListsKeys) {
  Table table = keys_table();
  add_key(table, json(R"({"id":"7f3a","name":"grafana","role":"reader","buildings":["north","south"],)"
                      R"("created":"2026-11-29T03:00:00.000Z","expires":null,"last_used":null})"));
  add_key(table, json(R"({"id":"9b01","name":"me","role":"admin","created":"2026-11-29T03:00:00.000Z",)"
                      R"("expires":"2027-01-01T00:00:00.000Z","last_used":"2026-11-29T03:01:00.000Z",)"
                      R"("made_under_dev":true})"));
  EXPECT_EQ(table.take_lines(),
            "ID    NAME     ROLE    BUILDINGS     CREATED                  EXPIRES                  LAST USED"
            "                NOTE\n"
            "7f3a  grafana  reader  north, south  2026-11-29 03:00:00 UTC  never                    never"
            "                    -\n"
            "9b01  me       admin   all           2026-11-29 03:00:00 UTC  2027-01-01 00:00:00 UTC  "
            "2026-11-29 03:01:00 UTC  for --dev alone\n");
}

TEST_F(RegistryText, ListsSensors) {
  Table table = sensors_table();
  add_sensor(table, json(R"({"sensor":"s1","keys":[{"kid":"k1"},{"kid":"k2"}],"room":"hall","quantities":["co2"],)"
                         R"("registered":"2026-11-29T03:00:00.000Z"})"));
  EXPECT_EQ(table.take_lines(),
            "SENSOR  BUILDING  ROOM  QUANTITIES  KEYS    REGISTERED               NOTE\n"
            "s1      any       hall  co2         k1, k2  2026-11-29 03:00:00 UTC  -\n");
}

TEST_F(RegistryText, SaysWhatWasDone) {
  EXPECT_EQ(made_key_text(object(R"({"id":"7f3a","name":"grafana","role":"reader","expires":null,"key":"ts_secret"})")),
            "made key 7f3a for grafana: reader, buildings: all, expires: never\n"
            "key  ts_secret\n"
            "The key is shown this once; the service keeps no copy.\n");
  EXPECT_EQ(registration_text("registered", object(R"({"sensor":"s1","keys":[{"kid":"k1"}],"room":"hall"})")),
            "registered sensor s1: building any, room hall, quantities: any; keys: k1\n");
}

// Whoever answers, nothing that a terminal obeys is printed, and nothing is taken for granted.
TEST_F(RegistryText, ShowsAnything) {
  Table table = keys_table();
  add_key(table, json(R"({"id":7,"name":"\u001b[2J","role":[],"buildings":"x","created":"soon"})"));
  const std::string shown = table.take_lines();
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_NE(shown.find(R"(-   \x1b[2J)"), std::string::npos) << shown;
  EXPECT_EQ(registration_text("registered", object(R"({"sensor":"\u001b[2J","keys":7,"room":"\r\n"})")),
            "registered sensor \\x1b[2J: building any, room \\x0d\\x0a, quantities: any; keys: \n");
}

}  // namespace
}  // namespace temperature::client
