#include "client/registrar.h"

#include <gtest/gtest.h>

namespace temperature::client {
namespace {

simdjson::dom::object object(simdjson::dom::parser& parser, const std::string& json) {
  simdjson::dom::object read;
  EXPECT_EQ(parser.parse(json).get(read), simdjson::SUCCESS) << json;
  return read;
}

TEST(Registrar, WritesWhatTheServiceTakes) {
  EXPECT_EQ(to_json(Registration{.keys = {{"", "PEM\n"}}, .building = {}, .room = {}, .quantities = {}}),
            R"({"keys":[{"public_key":"PEM\n"}]})");
  EXPECT_EQ(to_json(Registration{.keys = {{"k1", "A"}, {"k2", "B"}},
                                 .building = "north",
                                 .room = "a \"room\"",
                                 .quantities = {"co2", "humidity"}}),
            R"({"keys":[{"public_key":"A","kid":"k1"},{"public_key":"B","kid":"k2"}],"building":"north",)"
            R"("room":"a \"room\"","quantities":["co2","humidity"]})");
  EXPECT_EQ(to_json(WishedKey{.name = "grafana", .role = "reader", .buildings = {"north"}, .expires = {}}),
            R"({"name":"grafana","role":"reader","buildings":["north"]})");
}

TEST(Registrar, ReadsBackWhatTheServiceShows) {
  simdjson::dom::parser parser;
  const auto read = read_registration(
      object(parser, R"({"sensor":"s1","keys":[{"kid":"k1","algorithm":"EdDSA","public_key":"A"}],"room":"hall",)"
                     R"("quantities":["co2"],"registered":"2026-01-01T00:00:00.000Z"})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), R"({"keys":[{"public_key":"A","kid":"k1"}],"room":"hall","quantities":["co2"]})");
  for (const char* json : {"{}", R"({"keys":7})", R"({"keys":[7]})", R"({"keys":[],"quantities":[1]})"}) {
    EXPECT_FALSE(read_registration(object(parser, json))) << json;
  }
}

TEST(Registrar, RotatesOverTwoKeys) {
  const auto kids = [](const Registration& registration) {
    std::string all;
    for (const auto& key : registration.keys) all += key.kid + " ";
    return all;
  };
  Registration registration;
  registration.keys = {{"one", "A"}};
  registration = rotated(registration, Registration::Key{"two", "B"});
  EXPECT_EQ(kids(registration), "one two ");
  EXPECT_EQ(kids(rotated(registration, std::nullopt)), "two ");
  EXPECT_EQ(kids(rotated(registration, Registration::Key{"three", "C"})), "two three ");
  EXPECT_EQ(kids(rotated(rotated(registration, std::nullopt), std::nullopt)), "two ");  // never the last one
}

TEST(Registrar, EscapesWhatAPathCannotHold) {
  EXPECT_EQ(path_of("/v1/sensors/", "s-1_a~"), "/v1/sensors/s-1_a~");
  EXPECT_EQ(path_of("/v1/sensors/", "a/b ?#%+ü"), "/v1/sensors/a%2Fb%20%3F%23%25%2B%C3%BC");
  EXPECT_EQ(path_of("/v1/sensors/", ".."), "/v1/sensors/%2E%2E");
}

}  // namespace
}  // namespace temperature::client
