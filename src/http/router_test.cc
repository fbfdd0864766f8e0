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

}  // namespace
}  // namespace temperature::http
