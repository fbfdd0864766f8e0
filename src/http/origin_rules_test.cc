#include "http/origin_rules.h"

#include <gtest/gtest.h>

namespace temperature::http {
namespace {

using access::Need;

// What a browser says of a request.
struct Said {
  std::string host = "localhost:8000";
  std::string origin = {};
  std::string site = {};
  std::string authorization = {};
  std::string content_type = "application/json";
};

Request request_of(const Said& said) {
  Request request;
  request.method = Method::post;
  request.host = said.host;
  request.origin = said.origin;
  request.fetch_site = said.site;
  request.authorization = said.authorization;
  request.content_type = said.content_type;
  return request;
}

// "ok", or the code of the error.
std::string outcome(const Said& said, const OriginRules& rules, Content content = Content::json,
                    bool encrypted = false) {
  Route route{Method::post, "/v1/keys", Need::admin, nullptr};
  route.content = content;
  const auto checked = check_origin(request_of(said), rules, &route, encrypted);
  return checked ? "ok" : std::string(traits(checked.error().code).code);
}

const OriginRules kLocal{.local = true, .hosts = {"sensors.example", "other.example:8443"}};
const OriginRules kKeyed{.local = false, .hosts = {"sensors.example"}};

TEST(OriginRules, AnswerAsThisMachineAlone) {
  for (const char* host : {"localhost", "127.0.0.1:8000", "[::1]:1", "a.localhost", "sensors.example",
                           "SENSORS.example:81", "other.example:8443", ""}) {
    EXPECT_EQ(outcome({.host = host}, kLocal), "ok") << host;
  }
  for (const char* host : {"evil.example", "evil.example:8000", "other.example", "other.example:8444", "192.168.0.1",
                           "localhost.evil.example", "x"}) {
    EXPECT_EQ(outcome({.host = host}, kLocal), "forbidden_host") << host;
    EXPECT_EQ(outcome({.host = host}, kKeyed), "ok") << host;
  }
}

TEST(OriginRules, TakeTheServicesOwnPages) {
  for (const auto& [host, origin] :
       {std::pair("localhost:8000", "http://localhost:8000"), std::pair("LOCALHOST:8000", "http://localhost:8000"),
        std::pair("localhost", "http://localhost:80"), std::pair("[::1]:8000", "http://[0::1]:8000"),
        std::pair("localhost:8000", "https://sensors.example"), std::pair("localhost:8000", "http://sensors.example"),
        std::pair("localhost:8000", "https://other.example:8443")}) {
    EXPECT_EQ(outcome({.host = host, .origin = origin}, kLocal), "ok") << origin;
    EXPECT_EQ(outcome({.host = host, .origin = origin, .site = "same-origin"}, kLocal), "ok") << origin;
  }
  for (const char* site : {"same-origin", "none", "something-new"}) EXPECT_EQ(outcome({.site = site}, kLocal), "ok");
}

TEST(OriginRules, TakeNoOtherPages) {
  for (const char* origin :
       {"http://evil.example", "http://localhost:3000", "http://localhost", "https://localhost:8000",
        "http://127.0.0.1:8000", "http://a.localhost:8000", "null", "file://", "http://localhost:8000.evil.example",
        "http://localhost:8000 http://localhost:8000", "https://other.example", "https://sensors.example:8443",
        "ftp://localhost:8000", "http://localhost:8000/"}) {
    EXPECT_EQ(outcome({.origin = origin}, kLocal), "forbidden_origin") << origin;
  }
  for (const char* site : {"cross-site", "same-site"}) {
    EXPECT_EQ(outcome({.site = site}, kLocal), "forbidden_origin") << site;
  }
  EXPECT_EQ(outcome({.origin = "http://localhost:8000", .site = "cross-site"}, kLocal), "forbidden_origin");
}

TEST(OriginRules, KnowTheSchemeThatAProxyTookOff) {
  const Said said{.host = "example.org", .origin = "https://example.org", .authorization = "Basic eDp5"};
  Said vouched = said;
  vouched.site = "same-origin";
  EXPECT_EQ(outcome(said, kKeyed), "forbidden_origin");
  EXPECT_EQ(outcome(said, kKeyed, Content::json, true), "ok");
  EXPECT_EQ(outcome(vouched, kKeyed), "ok");
}

TEST(OriginRules, LetNoForeignPageUseWhatBrowsersAdd) {
  for (const char* authorization : {"Basic eDp5", "basic eDp5", "BASIC", "Basic  x"}) {
    EXPECT_EQ(outcome({.origin = "http://evil.example", .authorization = authorization}, kKeyed), "forbidden_origin");
    EXPECT_EQ(outcome({.site = "cross-site", .authorization = authorization}, kKeyed), "forbidden_origin");
    EXPECT_EQ(outcome({.authorization = authorization}, kKeyed), "ok");
    EXPECT_EQ(outcome({.origin = "http://localhost:8000", .authorization = authorization}, kKeyed), "ok");
  }
  for (const char* authorization : {"Bearer x", "Token x", ""}) {  // no browser adds these
    EXPECT_EQ(outcome({.origin = "http://evil.example", .authorization = authorization}, kKeyed), "ok");
  }
}

TEST(OriginRules, LetALinkToTheDocumentationBeFollowed) {
  const Route docs{Method::get, "/docs", Need::docs, nullptr};
  const Route rooms{Method::get, "/v1/rooms", Need::read, nullptr};
  Request link = request_of({.site = "cross-site", .content_type = ""});
  link.method = Method::get;
  link.fetch_mode = "navigate";
  link.fetch_destination = "document";
  EXPECT_TRUE(check_origin(link, kLocal, &docs, false));
  EXPECT_FALSE(check_origin(link, kLocal, &rooms, false));
  EXPECT_FALSE(check_origin(link, kLocal, nullptr, false));
  Request frame = link;
  frame.fetch_destination = "iframe";
  EXPECT_FALSE(check_origin(frame, kLocal, &docs, false));
  Request script = link;
  script.fetch_mode = "no-cors";
  EXPECT_FALSE(check_origin(script, kLocal, &docs, false));
  Request form = link;
  form.method = Method::post;
  EXPECT_FALSE(check_origin(form, kLocal, &docs, false));
  Request rebound = link;
  rebound.host = "evil.example";
  EXPECT_FALSE(check_origin(rebound, kLocal, &docs, false));
}

TEST(OriginRules, HavePagesSayThatTheySendJson) {
  const auto sent = [](std::string type, Content content, std::string site = "same-origin") {
    return outcome({.site = std::move(site), .content_type = std::move(type)}, kLocal, content);
  };
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8", "application/geo+json"}) {
    EXPECT_EQ(sent(type, Content::json), "ok") << type;
    EXPECT_EQ(sent(type, Content::json_unless_said), "ok") << type;
  }
  for (const char* type : {"", "text/plain", "text/plain;application/json", "TEXT/PLAIN ; charset=utf-8",
                           "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "; a=b"}) {
    EXPECT_EQ(sent(type, Content::json), "unsupported_media_type") << type;
    EXPECT_EQ(sent(type, Content::json_unless_said), "unsupported_media_type") << type;
    EXPECT_EQ(sent(type, Content::any), "ok") << type;
    EXPECT_EQ(sent(type, Content::json, ""), "ok") << type;  // curl
    EXPECT_EQ(outcome({.site = "same-origin", .content_type = type}, kKeyed), "ok") << type;
  }
  EXPECT_EQ(sent("text/csv", Content::json), "unsupported_media_type");
  EXPECT_EQ(sent("text/csv", Content::json_unless_said), "ok");
}

const OriginRules kShared{.local = true, .hosts = {}, .pages = {"https://boards.example", "http://localhost:3000"}};

TEST(OriginRules, LetTheListedPagesOfOthersIn) {
  for (const char* origin : {"https://boards.example", "https://BOARDS.example:443", "http://localhost:3000"}) {
    EXPECT_EQ(outcome({.origin = origin, .site = "cross-site"}, kShared), "ok") << origin;
  }
  for (const char* origin : {"http://boards.example", "https://boards.example:8443", "https://a.boards.example", "null",
                             "http://localhost:3001", "https://boards.example.evil.example"}) {
    EXPECT_EQ(outcome({.origin = origin, .site = "cross-site"}, kShared), "forbidden_origin") << origin;
  }
  OriginRules keyed{.local = false, .hosts = {}, .pages = {"https://boards.example"}};
  EXPECT_EQ(outcome({.origin = "https://boards.example", .authorization = "Basic eDp5"}, keyed), "ok");
  keyed = {.local = false, .hosts = {}, .pages = {}, .any_page = true};
  EXPECT_EQ(outcome({.origin = "https://boards.example", .authorization = "Bearer x"}, keyed), "ok");
  EXPECT_EQ(outcome({.origin = "https://boards.example", .authorization = "Basic eDp5"}, keyed), "forbidden_origin");
}

// Those that are added, a line each.
std::string cors_headers(Method method, const std::string& origin, const OriginRules& rules) {
  Request request;
  request.method = method;
  request.origin = origin;
  Response response;
  response.headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
  add_cors_headers(request, rules, response);
  std::string text;
  for (const auto& [name, value] : response.headers) {
    if (name != "Allow" && name != "Access-Control-Expose-Headers") text += std::string(name) + ": " + value + "\n";
  }
  return text;
}

TEST(OriginRules, TellBrowsersWhoMayRead) {
  EXPECT_EQ(cors_headers(Method::get, "https://boards.example", kShared),
            "Vary: Origin\nAccess-Control-Allow-Origin: https://boards.example\n");
  EXPECT_EQ(cors_headers(Method::get, "https://evil.example", kShared), "Vary: Origin\n");
  EXPECT_EQ(cors_headers(Method::get, "", kShared), "Vary: Origin\n");
  const OriginRules any{.local = false, .hosts = {}, .pages = {}, .any_page = true};
  EXPECT_EQ(cors_headers(Method::get, "https://evil.example", any), "Access-Control-Allow-Origin: *\n");
  EXPECT_EQ(cors_headers(Method::options, "https://evil.example", any),
            "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: GET, HEAD, OPTIONS\n"
            "Access-Control-Allow-Headers: Accept, Authorization, Content-Encoding, Content-Type, If-None-Match, "
            "traceparent, tracestate\nAccess-Control-Max-Age: 600\n");
}

}  // namespace
}  // namespace temperature::http
