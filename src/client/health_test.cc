#include "client/health.h"

#include <gtest/gtest.h>

#include "client/stub_service.h"
#include "client/test_surroundings.h"
#include "testing/moments.h"

namespace temperature::client {
namespace {

using testing::kNow;

// "EXIT OUT|ERR" of a service that answers so, and the requests that it got.
std::string asked(StubAnswer answer, std::vector<StubRequest>* requests = nullptr, bool writes = false) {
  StubService service([&](const StubRequest&) { return answer; });
  TestSurroundings here(kNow);
  const int exit_code = ask_health({{.url = service.url(), .key = {}}, writes}, here.surroundings);
  if (requests != nullptr) *requests = service.requests();
  return std::to_string(exit_code) + " " + here.out.str() + "|" + here.err.str();
}

TEST(Health, AServiceThatIsReadyIsHealthy) {
  std::vector<StubRequest> requests;
  EXPECT_EQ(asked({.body = R"({"status":"ready"})"}, &requests), "0 ready\n|");
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].line, "GET /readyz HTTP/1.1");
  EXPECT_FALSE(requests[0].headers.contains("authorization"));
}

TEST(Health, WhetherItTakesReadingsIsAskedOnlyOnRequest) {
  std::vector<StubRequest> requests;
  asked({.body = R"({"status":"ready"})"}, &requests, true);
  EXPECT_EQ(requests.at(0).line, "GET /readyz?for=writes HTTP/1.1");
}

TEST(Health, OneThatIsNotReadySaysWhyAndIsAskedOnce) {
  std::vector<StubRequest> requests;
  EXPECT_EQ(asked({.status = 503,
                   .body = R"({"status":"recovering","detail":"the service is recovering","recovered_readings":7})",
                   .headers = "Retry-After: 1\r\n"},
                  &requests),
            "1 |temperature-service: not ready: recovering: the service is recovering\n");
  EXPECT_EQ(requests.size(), 1U);
}

TEST(Health, WhatIsNoServiceOfOursIsNotHealthy) {
  for (const StubAnswer& answer :
       {StubAnswer{.body = "<html>ready</html>"}, StubAnswer{.body = "{}"}, StubAnswer{.body = R"({"status":"up"})"},
        StubAnswer{.status = 404, .body = R"({"status":"ready"})"}, StubAnswer{.status = 503, .body = "busy"},
        StubAnswer{.hang_up = true}}) {
    const std::string said = asked(answer);
    EXPECT_EQ(said.substr(0, 24), "1 |temperature-service: ") << said;
  }
}

TEST(Health, AnAddressThatCannotBeUsedIsAUsageError) {
  TestSurroundings here(kNow);
  EXPECT_EQ(ask_health({{.url = "localhost:8000", .key = {}}}, here.surroundings), 2);
}

}  // namespace
}  // namespace temperature::client
