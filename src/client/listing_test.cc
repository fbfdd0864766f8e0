#include "client/listing.h"

#include <gtest/gtest.h>

#include "client/stub_service.h"
#include "client/test_surroundings.h"

namespace temperature::client {
namespace {

// What a list of these pages gives: its rows, or why it ended.
std::string list(const std::vector<std::string>& pages) {
  std::size_t asked = 0;
  StubService service(
      [&](const StubRequest&) { return StubAnswer{.body = pages[std::min(asked++, pages.size() - 1)]}; });
  TestTime time(timestamp_from_ms(0));
  auto client = HttpClient::create({.url = service.url(), .key = {}}, time);
  EXPECT_TRUE(client);
  std::string rows;
  const Listing listing{"/v1/keys", "keys", "cannot list the keys", {{"limit", "2"}}};
  const auto done = list_pages(**client, listing, [&](simdjson::dom::object, simdjson::dom::array page) {
    for (const simdjson::dom::element row : page) rows += simdjson::minify(row);
    return Result<void>();
  });
  return done ? rows : done.error().detail;
}

TEST(Listing, GoesOnOverPages) {
  EXPECT_EQ(list({R"({"keys":[{"id":"1"},{"id":"2"}],"next":"2"})", R"({"keys":[{"id":"3"}],"next":null})"}),
            R"({"id":"1"}{"id":"2"}{"id":"3"})");
  EXPECT_EQ(list({R"({"keys":[],"next":null})"}), "");
}

TEST(Listing, EndsWhereItIsNone) {
  for (const char* page : {"{}", R"({"keys":{}})", R"({"keys":[{"id":"1"},7],"next":null})", "[]",
                           R"({"keys":[],"next":7})", R"({"keys":[{}],"next":"again"})"}) {
    EXPECT_NE(list({page}).find("cannot understand the answer of the service"), std::string::npos) << page;
  }
}

}  // namespace
}  // namespace temperature::client
