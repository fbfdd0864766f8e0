#include "client/http_client.h"

#include <gtest/gtest.h>

#include "client/stub_service.h"
#include "client/test_surroundings.h"
#include "testing/moments.h"

namespace temperature::client {
namespace {

using std::chrono::seconds;
using testing::kNow;

std::unique_ptr<HttpClient> client_of(const std::string& url, Pause& pause, const std::string& key = "") {
  auto client = HttpClient::create({url, key}, pause);
  EXPECT_TRUE(client) << client.error().detail;
  return std::move(*client);
}

TEST(HttpClient, posts_json_with_the_key_over_one_connection) {
  StubService service(
      [](const StubRequest& request) { return StubAnswer{.status = 200, .body = "got " + request.body}; });
  TestTime time(kNow);
  const auto client = client_of(service.url() + "/", time, "secret");
  for (const std::string body : {"[1]", "[2]", "[3]"}) {
    const auto answer = client->post_json("/v1/readings", body);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "got " + body);
  }
  const auto requests = service.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].line, "POST /v1/readings HTTP/1.1");
  EXPECT_EQ(requests[0].headers.at("content-type"), "application/json");
  EXPECT_EQ(requests[0].headers.at("authorization"), "Bearer secret");
  EXPECT_EQ(requests[2].connection, 1);
  EXPECT_TRUE(time.waits().empty());
}

TEST(HttpClient, sends_large_bodies_without_asking_first_and_no_key_when_it_has_none) {
  StubService service([](const StubRequest&) { return StubAnswer{}; });
  TestTime time(kNow);
  const std::string large(3 * 1024 * 1024, 'x');
  ASSERT_TRUE(client_of(service.url(), time)->post_json("/v1/readings", large));
  const auto requests = service.requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].body, large);
  EXPECT_FALSE(requests[0].headers.contains("expect"));
  EXPECT_FALSE(requests[0].headers.contains("authorization"));
}

TEST(HttpClient, waits_as_long_as_the_service_asks_and_succeeds) {
  StubService service([tries = 0](const StubRequest&) mutable {
    ++tries;
    if (tries == 1) return StubAnswer{.status = 503, .headers = "Retry-After: 7\r\n"};
    if (tries == 2) return StubAnswer{.status = 429, .headers = "Retry-After: 11\r\n"};
    return StubAnswer{.status = 200, .body = "done"};
  });
  TestTime time(kNow);
  const auto answer = client_of(service.url(), time)->post_json("/v1/readings", "[]");
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->body, "done");
  EXPECT_EQ(time.waits(), (std::vector<Duration>{seconds(7), seconds(11)}));
  EXPECT_EQ(service.requests().size(), 3U);
}

TEST(HttpClient, backs_off_by_itself_where_the_service_names_no_time) {
  StubService service(
      [tries = 0](const StubRequest&) mutable { return ++tries <= 3 ? StubAnswer{.status = 500} : StubAnswer{}; });
  TestTime time(kNow);
  ASSERT_TRUE(client_of(service.url(), time)->post_json("/v1/readings", "[]"));
  const auto waits = time.waits();
  ASSERT_EQ(waits.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_GE(waits[static_cast<std::size_t>(i)], backoff(i + 1, 0));
    EXPECT_LE(waits[static_cast<std::size_t>(i)], backoff(i + 1, 1));
  }
}

TEST(HttpClient, tries_again_when_the_connection_breaks) {
  StubService service([tries = 0](const StubRequest&) mutable { return StubAnswer{.hang_up = ++tries == 1}; });
  TestTime time(kNow);
  const auto answer = client_of(service.url(), time)->post_json("/v1/readings", "[]");
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(service.requests().size(), 2U);
}

TEST(HttpClient, gives_up_after_a_minute_without_a_word) {
  StubService service([](const StubRequest&) { return StubAnswer{.status = 507}; });
  TestTime time(kNow);
  const auto answer = client_of(service.url(), time)->post_json("/v1/readings", "[]");
  ASSERT_FALSE(answer);
  EXPECT_LE(time.now(), kNow + kSilenceMax);
  EXPECT_GT(time.now(), kNow + kSilenceMax - kBackoffMax);
  EXPECT_EQ(service.requests().size(), time.waits().size() + 1);
  const std::string tried = "status 507 (tried " + std::to_string(service.requests().size()) + " times)";
  EXPECT_NE(answer.error().detail.find(tried), std::string::npos) << answer.error().detail;
}

TEST(HttpClient, is_patient_with_a_service_that_names_the_time) {
  StubService service([](const StubRequest&) { return StubAnswer{.status = 503, .headers = "Retry-After: 2\r\n"}; });
  TestTime time(kNow);
  EXPECT_FALSE(client_of(service.url(), time)->post_json("/v1/readings", "[]"));
  EXPECT_EQ(time.waits(), std::vector<Duration>(150, seconds(2)));  // five minutes
}

TEST(HttpClient, gives_up_at_once_when_it_would_wait_too_long) {
  StubService service(
      [](const StubRequest&) { return StubAnswer{.status = 503, .headers = "Retry-After: 86400\r\n"}; });
  TestTime time(kNow);
  const auto answer = client_of(service.url(), time)->post_json("/v1/readings", "[]");
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().detail.find("86400 s"), std::string::npos) << answer.error().detail;
  EXPECT_TRUE(time.waits().empty());
}

TEST(HttpClient, hands_on_what_no_other_try_would_change) {
  StubService service([](const StubRequest&) { return StubAnswer{.status = 401, .body = "no"}; });
  TestTime time(kNow);
  const auto answer = client_of(service.url(), time)->post_json("/v1/readings", "[]");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 401);
  EXPECT_EQ(service.requests().size(), 1U);
}

TEST(HttpClient, takes_no_answer_without_end) {
  StubService service([](const StubRequest&) { return StubAnswer{.body = std::string(kAnswerBytesMax + 1, 'x')}; });
  TestTime time(kNow);
  EXPECT_FALSE(client_of(service.url(), time)->post_json("/v1/readings", "[]"));
  EXPECT_EQ(service.requests().size(), 1U);
}

// A port where nobody listens: bound, so that nobody else does, but not listening.
class ClosedPort {
 public:
  ClosedPort() : bound_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    CHECK(::bind(bound_, reinterpret_cast<sockaddr*>(&address_), size) == 0);
    CHECK(::getsockname(bound_, reinterpret_cast<sockaddr*>(&address_), &size) == 0);
  }
  ~ClosedPort() { ::close(bound_); }
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

 private:
  int bound_;
  sockaddr_in address_{};
};

TEST(HttpClient, tries_a_refused_connection_again_until_somebody_ends_it) {
  const ClosedPort closed;
  TestTime time(kNow);
  time.interrupt_at(kNow + seconds(1));
  const auto answer = client_of(closed.url(), time)->post_json("/v1/readings", "[]");
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().detail.find("interrupted"), std::string::npos) << answer.error().detail;
  EXPECT_GT(time.waits().size(), 2U);
}

TEST(HttpClient, waits_ten_seconds_for_a_service_that_never_answered_and_says_so_after_one) {
  const ClosedPort closed;
  TestTime time(kNow);
  std::vector<std::pair<Timestamp, std::string>> said;
  HttpTarget target{closed.url(), ""};
  target.say = [&](const std::string& text) { said.emplace_back(time.now(), text); };
  const auto client = HttpClient::create(target, time);
  ASSERT_TRUE(client) << client.error().detail;
  const auto answer = (*client)->post_json("/v1/readings", "[]");
  ASSERT_FALSE(answer);
  EXPECT_EQ(time.now(), kNow + kReachMax) << "the last try is made when the time is over";
  EXPECT_TRUE(answer.error().detail.ends_with("gave up after 10 s")) << answer.error().detail;
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].first, kNow + kWaitSaidAfter);
  EXPECT_TRUE(said[0].second.starts_with("waiting for " + closed.url() + ": ")) << said[0].second;
}

TEST(HttpClient, waits_as_long_as_it_is_told_for_a_service_that_never_answered) {
  const ClosedPort closed;
  for (const Duration told : {Duration(0), Duration(seconds(3)), Duration(seconds(120))}) {
    TestTime time(kNow);
    HttpTarget target{closed.url(), ""};
    target.retry_for = target.reach_for = told;
    const auto client = HttpClient::create(target, time);
    ASSERT_TRUE(client) << client.error().detail;
    EXPECT_FALSE((*client)->post_json("/v1/readings", "[]"));
    EXPECT_EQ(time.now(), kNow + told);
  }
}

TEST(HttpClient, refuses_addresses_and_keys_that_cannot_be) {
  TestTime time(kNow);
  for (const std::string url : {"", "127.0.0.1:8000", "ftp://127.0.0.1", "http://", "file:///etc/passwd",
                                "http://127.0.0.1:99999", "http://127.0.0.1/?a=b"}) {
    EXPECT_FALSE(HttpClient::create({url, ""}, time)) << url;
  }
  for (const std::string key : {"two words", "line\r\nX: y", "\xc3\xa4"}) {
    EXPECT_FALSE(HttpClient::create({"http://127.0.0.1:8000", key}, time)) << key;
  }
}

}  // namespace
}  // namespace temperature::client
