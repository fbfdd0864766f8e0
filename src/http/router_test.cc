#include "http/router.h"

#include <gtest/gtest.h>

namespace temperature::http {
namespace {

TEST(Router, FindsAPathThatEndsWithAnId) {
  Router router({{Method::get, "/v1/sensors", access::Need::read, nullptr},
                 {Method::put, "/v1/sensors/{id}", access::Need::admin, nullptr},
                 {Method::delete_, "/v1/sensors/{id}", access::Need::admin, nullptr}});
  const auto path = [&router](Method method, std::string_view asked) {
    const auto [entry, allow] = router.find(method, asked);
    return entry == nullptr ? "-" + std::string(allow) : std::string(entry->route.path);
  };
  EXPECT_EQ(path(Method::get, "/v1/sensors"), "/v1/sensors");
  EXPECT_EQ(path(Method::put, "/v1/sensors/s1"), "/v1/sensors/{id}");
  EXPECT_EQ(path(Method::delete_, "/v1/sensors/a/b"), "/v1/sensors/{id}");  // an id may have slashes
  EXPECT_EQ(path(Method::put, "/v1/sensors/{id}"), "/v1/sensors/{id}");
  EXPECT_EQ(path(Method::get, "/v1/sensors/s1"), "-PUT, DELETE, OPTIONS");
  EXPECT_EQ(path(Method::put, "/v1/sensors/"), "-");  // an empty id is none
  EXPECT_EQ(path(Method::put, "/v1/sensor"), "-");
  EXPECT_EQ(path(Method::put, "/v1/sensors"), "-GET, HEAD, OPTIONS");
}

TEST(Router, PassesOverSlashesTooManyWhereTheyMakeNoOtherResource) {
  Router router({{Method::post, "/write", access::Need::write, nullptr},
                 {Method::post, "/api/v2/write", access::Need::write, nullptr},
                 {Method::get, "/temperatures", access::Need::read, nullptr},
                 {Method::get, "/temperatures/average", access::Need::read, nullptr},
                 {Method::get, "/v1/sensors", access::Need::read, nullptr},
                 {Method::get, "/v1/sensors/{id}", access::Need::read, nullptr},
                 {Method::get, "/docs", access::Need::docs, nullptr, nullptr, Body::may_be, Content::any, true}});
  const auto path = [&router](Method method, std::string_view asked, std::size_t encoded = std::string_view::npos) {
    const Router::Entry* entry = router.find(method, asked, encoded).entry;
    return entry == nullptr ? "-" : std::string(entry->route.path);
  };
  for (const std::string_view asked : {"/write", "//write", "/write/", "///write//"}) {
    EXPECT_EQ(path(Method::post, asked), "/write") << asked;
  }
  EXPECT_EQ(path(Method::post, "//api//v2/write/"), "/api/v2/write");
  EXPECT_EQ(path(Method::get, "/temperatures/"), "/temperatures");
  EXPECT_EQ(path(Method::get, "/temperatures//average"), "/temperatures/average");
  EXPECT_EQ(path(Method::get, "//v1/sensors"), "/v1/sensors");
  EXPECT_EQ(path(Method::get, "/v1/sensors//"), "/v1/sensors/{id}");  // the id is "/"
  EXPECT_EQ(path(Method::get, "/v1/sensors/a//"), "/v1/sensors/{id}");
  for (const std::string_view asked : {"", "/", "//", "/wri/te", "/v1/sensors/", "/v1//sensors/", "//v1/sensors/a",
                                       "/v1//sensors/{id}", "/docs/", "//docs", "/write/x", "/write.", "/ write"}) {
    EXPECT_EQ(path(Method::get, asked), "-") << asked;
    EXPECT_EQ(path(Method::post, asked), "-") << asked;
  }
}

TEST(Router, TakesAnEncodedSlashForAPartOfAnIdAndNothingElse) {
  Router router({{Method::get, "/v1/rooms", access::Need::read, nullptr},
                 {Method::get, "/v1/sensors", access::Need::read, nullptr},
                 {Method::get, "/v1/sensors/{id}", access::Need::read, nullptr}});
  const auto path = [&router](std::string_view asked, std::size_t encoded) {
    const Router::Entry* entry = router.find(Method::get, asked, encoded).entry;
    return entry == nullptr ? "-" : std::string(entry->route.path);
  };
  EXPECT_EQ(path("/v1/rooms", 3), "-");  // /v1%2Frooms
  EXPECT_EQ(path("/v1/rooms", 0), "-");
  EXPECT_EQ(path("/v1/rooms/", 9), "-");
  EXPECT_EQ(path("/v1/sensors/a", 11), "-");
  EXPECT_EQ(path("/v1/sensors/a", 3), "-");
  EXPECT_EQ(path("/v1/sensors/a/b", 13), "/v1/sensors/{id}");
  EXPECT_EQ(path("/v1/sensors//", 12), "/v1/sensors/{id}");
}

}  // namespace
}  // namespace temperature::http
