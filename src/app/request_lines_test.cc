#include "app/request_lines.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "http/request_trace.h"

namespace temperature::app {
namespace {

using std::chrono::microseconds;

std::string said(std::optional<std::uint64_t> sampling, const std::function<void(RequestLines&)>& say) {
  ::testing::internal::CaptureStderr();
  {
    const telemetry::Log log(telemetry::LogFormat::json, telemetry::LogLevel::error, STDERR_FILENO, {"1.2.3", "test"});
    RequestLines lines(sampling, log);
    say(lines);
  }
  return ::testing::internal::GetCapturedStderr();
}

http::Request request_of(std::string path) {
  http::Request request;
  request.path = std::move(path);
  request.remote_address = "192.0.2.7";
  request.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  http::trace_of(request);
  return request;
}

std::string path_of(std::string_view path, std::string_view route = "") {
  const http::Request request = request_of(std::string(path));
  return logged_path({.request = request, .route = route});
}

TEST(RequestLines, writes_a_line_of_a_request) {
  http::Request request = request_of("/v1/average");
  request.sender = "grafana";
  const std::string line = said(1, [&](RequestLines& lines) {
    lines.answered({.request = request,
                    .route = "/v1/average",
                    .status = 200,
                    .received_bytes = 0,
                    .sent_bytes = 321,
                    .duration = microseconds(1'250)});
  });
  simdjson::dom::parser parser;
  simdjson::dom::element object;
  ASSERT_EQ(parser.parse(line).get(object), simdjson::SUCCESS) << line;
  const auto text = [&object](std::string_view name) { return std::string(object[name].get_string().value()); };
  EXPECT_EQ(text("message"), "GET /v1/average 200");
  EXPECT_EQ(text("level"), "info") << "also where the log has errors alone";
  EXPECT_EQ(text("timestamp"), text("time"));
  EXPECT_EQ(text("http.method"), "GET");
  EXPECT_EQ(text("http.route"), "/v1/average");
  EXPECT_EQ(object["http.status_code"].get_uint64().value(), 200U);
  EXPECT_EQ(object["network.bytes_read"].get_uint64().value(), 0U);
  EXPECT_EQ(object["network.bytes_written"].get_uint64().value(), 321U);
  EXPECT_DOUBLE_EQ(object["duration_seconds"].get_double().value(), 0.00125);
  EXPECT_EQ(text("network.client.ip"), "192.0.2.7");
  EXPECT_EQ(text("sender"), "grafana");
  EXPECT_EQ(text("trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(text("span_id"), span_id_text(request.trace));
  EXPECT_NE(text("span_id"), "00f067aa0ba902b7") << "that one is the caller's";
  for (const auto& [name, value] :
       {std::pair("service.name", "temperature-service"), std::pair("service.version", "1.2.3"),
        std::pair("deployment.environment.name", "test"), std::pair("dd.service", "temperature-service"),
        std::pair("dd.version", "1.2.3"), std::pair("dd.env", "test")}) {
    EXPECT_EQ(text(name), value);
  }
  EXPECT_EQ(object["code"].error(), simdjson::NO_SUCH_FIELD);
}

// Datadog takes `status`, `host`, `date` and the like for what it means by them.
TEST(RequestLines, uses_no_name_that_is_reserved_for_something_else) {
  const http::Request request = request_of("/nowhere");
  const std::string line = said(
      1, [&](RequestLines& lines) { lines.answered({.request = request, .status = 404, .error_code = "not_found"}); });
  for (const std::string_view name : {"status", "severity", "host", "hostname", "service", "date", "msg", "log"}) {
    EXPECT_FALSE(line.contains("\"" + std::string(name) + "\":")) << line;
  }
  EXPECT_TRUE(line.contains(R"("level":"warning","message":"GET /nowhere 404")")) << line;
}

TEST(RequestLines, tells_the_path_where_the_route_does_not_and_no_secret_in_it) {
  EXPECT_EQ(path_of("/v1/average", "/v1/average"), "");
  EXPECT_EQ(path_of("/v1/sensors/s1", "/v1/sensors/{id}"), "/v1/sensors/s1");
  EXPECT_EQ(path_of("/no/where/"), "/no/where/");
  EXPECT_EQ(path_of("*"), "*");
  EXPECT_EQ(path_of("/write/tsk_abc_secret/x"), "/write/***/x");
  EXPECT_EQ(path_of("/v1/keys/tsk_abc_secret", "/v1/keys/{id}"), "/v1/keys/***");
  EXPECT_EQ(path_of("/a/Bearer eyJhbGciOiJFZERTQSJ9.e30.sig"), "/a/***");
  EXPECT_EQ(path_of("/" + std::string(10'000, 'a')).size(), limits::kLoggedPathBytesMax);
  EXPECT_EQ(path_of(std::string(10'000, '/')), std::string(limits::kLoggedPathBytesMax, '/'));
}

TEST(RequestLines, wants_each_error_and_one_of_so_many_others) {
  for (const std::uint64_t sampling : {0U, 1U, 7U}) {
    said(sampling, [&](RequestLines& lines) {
      std::uint64_t wanted = 0;
      for (int i = 0; i < 700; ++i) {
        wanted += lines.wants(i % 2 == 0 ? 200 : 204) ? 1 : 0;
        EXPECT_TRUE(lines.wants(400));
        EXPECT_TRUE(lines.wants(503));
      }
      EXPECT_EQ(wanted, sampling == 0 ? 0 : 700 / sampling);
    });
  }
}

TEST(RequestLines, tells_of_failures_once_and_how_many_there_were) {
  const http::Request request = request_of("/v1/readings");
  const std::string lines = said({}, [&](RequestLines& its) {
    for (int i = 0; i < 1'000; ++i) {
      its.failed({.request = request,
                  .route = "/v1/readings",
                  .status = 503,
                  .error_code = "history_failed",
                  .error_detail = "a block is damaged"});
    }
    its.failed({.request = request, .status = 503, .error_code = "overloaded"});
  });
  EXPECT_EQ(std::ranges::count(lines, '\n'), 2) << lines;
  EXPECT_TRUE(lines.contains(R"("message":"a request failed","code":"history_failed","detail":"a block is damaged")"))
      << lines;
  EXPECT_TRUE(lines.contains(R"("message":"a request failed: repeated 999 times in 1 s","code":"history_failed",)"
                             R"("repeated":999,"seconds":1,)"))
      << lines;
  EXPECT_FALSE(lines.contains("overloaded")) << "that is a warning, and the log has errors alone";
}

}  // namespace
}  // namespace temperature::app
