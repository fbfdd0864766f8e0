#include "http/request_parser.h"

#include <gtest/gtest.h>

#include "base/sizes.h"

namespace temperature::http {
namespace {

using Stage = RequestParser::Stage;

std::string with_headers(std::string_view line, std::string_view headers, std::string_view body = "") {
  return std::string(line) + "\r\nHost: x\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

TEST(RequestParser, ReadsAHeadAndItsFields) {
  Request request;
  RequestParser parser(request);
  const std::string text =
      with_headers("GET /v1/average?room=a%20b&x HTTP/1.1", "Authorization: Bearer k\r\nAccept: a\r\nAccept: b\r\n");
  std::string_view bytes = text;
  const auto stage = parser.parse(bytes);
  ASSERT_TRUE(stage);
  EXPECT_EQ(*stage, Stage::done);
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(request.method, Method::get);
  EXPECT_EQ(request.path, "/v1/average");
  EXPECT_EQ(request.query, "room=a%20b&x");
  EXPECT_EQ(request.authorization, "Bearer k");
  EXPECT_EQ(request.accept, "a, b");
  EXPECT_TRUE(parser.keep_alive());
}

TEST(RequestParser, ReadsWhatBrowsersSayOfThePage) {
  Request request;
  RequestParser parser(request);
  const std::string text = with_headers("GET http://a:1/b HTTP/1.1",
                                        "Origin: http://c\r\nSEC-FETCH-SITE: cross-site\r\nsec-fetch-mode: navigate\r\n"
                                        "Sec-Fetch-Dest: document\r\nSec-Fetch-User: ?1\r\n");
  std::string_view bytes = text;
  ASSERT_EQ(parser.parse(bytes), Stage::done);
  EXPECT_EQ(request.host, "a:1");  // of the target: Host does not count then
  EXPECT_EQ(request.origin, "http://c");
  EXPECT_EQ(request.fetch_site, "cross-site");
  EXPECT_EQ(request.fetch_mode, "navigate");
  EXPECT_EQ(request.fetch_destination, "document");
  parser.start();
  for (const std::string* field :
       {&request.host, &request.origin, &request.fetch_site, &request.fetch_mode, &request.fetch_destination}) {
    EXPECT_EQ(*field, "");
  }
}

TEST(RequestParser, ReadsTheTraceOfTheCallerAndTakesSeveralForNone) {
  Request request;
  RequestParser parser(request);
  const std::string one = with_headers("GET /a HTTP/1.1", "TraceParent: \t 00-a-b-01 \r\ntraceparents: c\r\n");
  std::string_view bytes = one;
  ASSERT_EQ(parser.parse(bytes), Stage::done);
  EXPECT_EQ(request.traceparent, "00-a-b-01");
  request.trace.span = 1;
  parser.start();
  EXPECT_EQ(request.traceparent, "");
  EXPECT_FALSE(request.trace.known());
  const std::string valid = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
  const std::string two = with_headers("GET /a HTTP/1.1", valid + valid);
  bytes = two;
  ASSERT_EQ(parser.parse(bytes), Stage::done);
  EXPECT_TRUE(read_traceparent(valid.substr(13, 55)));
  EXPECT_FALSE(read_traceparent(request.traceparent));
}

TEST(RequestParser, PausesBehindTheHeadOfARequestWithABody) {
  Request request;
  RequestParser parser(request);
  const std::string text = with_headers("POST /a HTTP/1.1", "Content-Length: 5\r\n", "helloGET");
  std::string_view bytes = text;
  EXPECT_EQ(parser.parse(bytes), Stage::body);
  EXPECT_EQ(parser.content_length(), 5U);
  EXPECT_EQ(request.body, "");
  EXPECT_EQ(parser.parse(bytes), Stage::done);
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(bytes, "GET");
}

TEST(RequestParser, TakesABodyStraightIntoItsSpaceWithoutTrustingTheAnnouncedLength) {
  Request request;
  RequestParser parser(request);
  const std::string text = with_headers("POST /a HTTP/1.1", "Content-Length: 30000000\r\n", "begin");
  std::string_view bytes = text;
  EXPECT_EQ(parser.parse(bytes), Stage::body);
  EXPECT_EQ(parser.parse(bytes), Stage::body);
  std::size_t left = 30'000'000 - 5;
  EXPECT_LT(request.body.capacity(), limits::kMiB);
  while (left > 0) {
    const auto space = parser.body_space();
    ASSERT_FALSE(space.empty());
    ASSERT_LE(space.size(), left);
    std::fill(space.begin(), space.end(), 'x');
    left -= space.size();
    EXPECT_EQ(parser.received(space.size()), left == 0 ? Stage::done : Stage::body);
  }
  EXPECT_EQ(request.body.size(), 30'000'000U);
  EXPECT_TRUE(request.body.starts_with("beginx"));
}

TEST(RequestParser, UnderstandsChunks) {
  Request request;
  RequestParser parser(request);
  const std::string text =
      with_headers("POST /a HTTP/1.1", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
  std::string_view bytes = text;
  EXPECT_EQ(parser.parse(bytes), Stage::body);
  EXPECT_TRUE(parser.chunked());
  EXPECT_EQ(parser.parse(bytes), Stage::done);
  EXPECT_EQ(request.body, "abcde");
}

TEST(RequestParser, WaitsForTheLastChunkToBeWhole) {
  const std::string text = with_headers("POST /a HTTP/1.1", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n");
  for (std::size_t cut = text.size() - 5; cut < text.size(); ++cut) {
    Request request;
    RequestParser parser(request);
    std::string_view bytes = std::string_view(text).substr(0, cut);
    EXPECT_EQ(parser.parse(bytes), Stage::body);
    EXPECT_EQ(parser.parse(bytes), Stage::body);
    bytes = std::string_view(text).substr(cut - bytes.size());
    EXPECT_EQ(parser.parse(bytes), Stage::done) << cut;
  }
}

TEST(RequestParser, PassesOverEmptyLinesBeforeARequestUpToABound) {
  const std::string head = with_headers("GET /a HTTP/1.1", "");
  for (const std::string_view line : {"\r\n", "\n"}) {
    for (std::size_t lines = 0; lines <= limits::kEmptyLinesMax + 1; ++lines) {
      std::string text;
      for (std::size_t i = 0; i < lines; ++i) text += line;
      text += head;
      Request request;
      RequestParser parser(request);
      std::string_view bytes = text;
      const auto stage = parser.parse(bytes);
      ASSERT_EQ(stage.has_value(), lines <= limits::kEmptyLinesMax) << lines;
      if (!stage) continue;
      EXPECT_EQ(*stage, Stage::done);
      EXPECT_EQ(request.path, "/a");
    }
  }
}

TEST(RequestParser, HasNotBegunWhileOnlyEmptyLinesCame) {
  Request request;
  RequestParser parser(request);
  for (const std::string_view cut : {"\r\n", "\r\n\r"}) {
    std::string_view bytes = cut;
    EXPECT_EQ(parser.parse(bytes), Stage::head);
    EXPECT_FALSE(parser.begun());
    EXPECT_EQ(bytes, cut.ends_with('\n') ? "" : "\r");  // whether it is an empty line is not known yet
  }
  std::string_view bytes = "\r\nG";
  EXPECT_EQ(parser.parse(bytes), Stage::head);
  EXPECT_TRUE(parser.begun());
  EXPECT_EQ(bytes, "G");
}

TEST(RequestParser, JoinsTheCodingsOfABody) {
  Request request;
  RequestParser parser(request);
  const std::string text = with_headers("GET / HTTP/1.1", "Content-Encoding: gzip\r\nContent-Encoding: identity\r\n");
  std::string_view bytes = text;
  ASSERT_TRUE(parser.parse(bytes));
  EXPECT_EQ(request.content_encoding, "gzip, identity");
}

TEST(RequestParser, ExpectsNothingOfHttp10) {
  for (const bool newer : {false, true}) {
    Request request;
    RequestParser parser(request);
    const std::string text =
        with_headers(newer ? "POST / HTTP/1.1" : "POST / HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 1\r\n");
    std::string_view bytes = text;
    ASSERT_TRUE(parser.parse(bytes));
    EXPECT_EQ(parser.expects_continue(), newer);
  }
}

struct Refused {
  std::string text;
  ErrorCode code;
};

class RefusedRequests : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedRequests, AreRefused) {
  Request request;
  RequestParser parser(request);
  std::string_view bytes = GetParam().text;
  auto stage = parser.parse(bytes);
  if (stage && *stage == Stage::body) stage = parser.parse(bytes);
  ASSERT_FALSE(stage);
  EXPECT_EQ(stage.error().code, GetParam().code) << stage.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Each, RefusedRequests,
    ::testing::Values(
        Refused{"oops\r\n\r\n", ErrorCode::malformed_request},
        Refused{"GET / HTTP/1.1\r\n\r\n", ErrorCode::malformed_request},
        Refused{"GET a HTTP/1.1\r\nHost: x\r\n\r\n", ErrorCode::malformed_request},
        Refused{"GET /%2 HTTP/1.1\r\nHost: x\r\n\r\n", ErrorCode::malformed_request},
        Refused{with_headers("GET / HTTP/1.1", "Host: y\r\n"), ErrorCode::malformed_request},
        Refused{with_headers("GET / HTTP/1.1", "Authorization: a\r\nAuthorization: b\r\n"),
                ErrorCode::malformed_request},
        Refused{with_headers("POST / HTTP/1.1", "Content-Length: 1\r\nContent-Length: 2\r\n"),
                ErrorCode::malformed_request},
        Refused{with_headers("POST / HTTP/1.1", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
                ErrorCode::malformed_request},
        Refused{with_headers("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "xyz\r\n"),
                ErrorCode::malformed_request},
        Refused{with_headers("GET / HTTP/1.1", "X: y\r\n z\r\n"), ErrorCode::malformed_request},
        Refused{with_headers("POST / HTTP/1.1", "Content-Length:\r\n\t5\r\n"), ErrorCode::malformed_request},
        Refused{with_headers("POST / HTTP/1.1", "Content-Length : 5\r\n"), ErrorCode::malformed_request},
        Refused{with_headers("POST / HTTP/1.1", "Content-Length: 33554433\r\n"), ErrorCode::body_too_large},
        Refused{with_headers("GET / HTTP/1.1", "X: " + std::string(17'000, 'y') + "\r\n"),
                ErrorCode::headers_too_large}));

TEST(SplitTarget, UnderstandsEveryForm) {
  Request request;
  std::string& path = request.path;
  std::string& query = request.query;
  EXPECT_TRUE(split_target("/a/b%2Fc?d=e?f", request));
  EXPECT_EQ(path, "/a/b/c");
  EXPECT_EQ(query, "d=e?f");
  EXPECT_TRUE(split_target("http://host:80/a?b", request));
  EXPECT_EQ(path, "/a");
  EXPECT_EQ(query, "b");
  EXPECT_TRUE(split_target("http://host", request));
  EXPECT_EQ(path, "/");
  EXPECT_TRUE(split_target("*", request));
  EXPECT_EQ(path, "*");
  EXPECT_FALSE(split_target("", request));
  EXPECT_FALSE(split_target("host/a", request));
}

TEST(SplitTarget, KnowsAnEncodedSlashFromOneThatParts) {
  const auto place = [](std::string_view target) {
    Request request;
    request.encoded_slash = 1;  // of the request before
    EXPECT_TRUE(split_target(target, request)) << target;
    return request.encoded_slash;
  };
  EXPECT_EQ(place("/a/b?c=%2F"), std::string_view::npos);
  EXPECT_EQ(place("*"), std::string_view::npos);
  EXPECT_EQ(place("/a%2fb"), 2U);
  EXPECT_EQ(place("/%61%62/%2F/c"), 4U);                 // in "/ab///c"
  EXPECT_EQ(place("/a%252Fb"), std::string_view::npos);  // "%2F" as a text
  EXPECT_EQ(place("http://h/%2F%2F"), 1U);
}

}  // namespace
}  // namespace temperature::http
