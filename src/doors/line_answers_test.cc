#include "doors/line_answers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace temperature::doors {
namespace {

std::string retry_after(const http::Response& response) {
  const auto at = std::ranges::find(response.headers, "Retry-After", &std::pair<std::string_view, std::string>::first);
  return at == response.headers.end() ? "" : at->second;
}

// A sender throws a batch away on 400 and 422.
TEST(LineAnswers, a_passing_trouble_is_503_and_says_when_to_come_back) {
  for (const ErrorCode code : {ErrorCode::recovering, ErrorCode::shutting_down, ErrorCode::overloaded,
                               ErrorCode::journal_failed, ErrorCode::history_failed, ErrorCode::disk_full}) {
    http::Response v1;
    write_error_v1(v1, {code, "why"});
    EXPECT_EQ(v1.status, 503) << traits(code).code;
    EXPECT_GT(std::stoi(retry_after(v1)), 0);
    EXPECT_EQ(v1.body, R"({"error":"why"})");
    http::Response v2;
    write_error_v2(v2, {code, "why"});
    EXPECT_EQ(v2.status, 503) << traits(code).code;
    EXPECT_GT(std::stoi(retry_after(v2)), 0);
    EXPECT_EQ(v2.body, R"({"code":"unavailable","message":"why"})");
  }
}

TEST(LineAnswers, other_errors_keep_their_status) {
  const auto expect = [](ErrorCode code, int status, const std::string& word) {
    http::Response v1;
    write_error_v1(v1, {code, "why"});
    EXPECT_EQ(v1.status, status);
    EXPECT_EQ(retry_after(v1), "");
    http::Response v2;
    write_error_v2(v2, {code, "why"});
    EXPECT_EQ(v2.status, status);
    EXPECT_EQ(v2.body, R"({"code":")" + word + R"(","message":"why"})");
  };
  expect(ErrorCode::parameter_invalid, 400, "invalid");
  expect(ErrorCode::credential_missing, 401, "unauthorized");
  expect(ErrorCode::forbidden, 403, "forbidden");
  expect(ErrorCode::length_required, 411, "invalid");
  expect(ErrorCode::body_too_large, 413, "request too large");
  expect(ErrorCode::too_many_readings, 413, "request too large");
  expect(ErrorCode::unsupported_encoding, 415, "unsupported media type");
  expect(ErrorCode::internal, 500, "internal error");
}

pipeline::WriteOutcome refused(ErrorCode code, std::uint64_t count) {
  pipeline::WriteOutcome outcome;
  outcome.rejected = count;
  outcome.rejected_details.push_back({.index = 6, .error = {code, "why"}, .text = "a \"line\""});
  return outcome;
}

TEST(LineAnswers, what_was_refused_is_named_and_counted) {
  http::Response response;
  write_line_outcome(response, Dialect::v1, refused(ErrorCode::room_missing, 3));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"error":"partial write: line 7: why: 'a \"line\"' dropped=3"})");
  write_line_outcome(response, Dialect::v2, refused(ErrorCode::room_missing, 3));
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.body, R"({"code":"unprocessable entity","message":)"
                           R"("partial write: line 7: why: 'a \"line\"' dropped=3","line":7})");
  write_line_outcome(response, Dialect::v2, refused(ErrorCode::malformed_line, 1));
  EXPECT_EQ(response.status, 400);
}

// The shape that InfluxDB 3's clients read line by line.
TEST(LineAnswers, version_3_tells_of_each_line) {
  http::Response response;
  write_line_outcome(response, Dialect::v3, refused(ErrorCode::room_missing, 1));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"error":"partial write: line 7: why: 'a \"line\"' dropped=1","data":)"
                           R"([{"original_line":"a \"line\"","line_number":7,"error_message":"why"}]})");
  write_error_v3(response, {ErrorCode::recovering, "why"});
  EXPECT_EQ(response.status, 503);
  EXPECT_GT(std::stoi(retry_after(response)), 0);
  EXPECT_EQ(response.body, R"({"error":"why","data":null})");
}

TEST(LineAnswers, nothing_refused_is_204_whatever_else) {
  pipeline::WriteOutcome outcome;
  outcome.duplicates = 2;
  outcome.conflicts = 1;
  for (const Dialect dialect : {Dialect::v1, Dialect::v2, Dialect::v3}) {
    http::Response response;
    write_line_outcome(response, dialect, outcome);
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.body, "");
  }
}

TEST(LineAnswers, a_limit_keeps_the_batch_with_its_sender) {
  pipeline::WriteOutcome outcome = refused(ErrorCode::malformed_line, 2);
  outcome.rejected_for_now = 1;
  http::Response response;
  write_line_outcome(response, Dialect::v1, outcome);
  EXPECT_EQ(response.status, 503);
  EXPECT_GT(std::stoi(retry_after(response)), 0);
}

}  // namespace
}  // namespace temperature::doors
