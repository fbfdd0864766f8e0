#include "reports/dsn.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature::reports {
namespace {

TEST(Dsn, names_where_envelopes_go) {
  struct Case {
    std::string_view dsn;
    std::string_view url;
    std::string_view host;
    std::string_view key;
    bool encrypted;
    bool loopback;
  };
  for (const Case& each : {
           Case{"https://abc123@o42.ingest.sentry.io/7", "https://o42.ingest.sentry.io/api/7/envelope/",
                "o42.ingest.sentry.io", "abc123", true, false},
           Case{"https://abc:secret@sentry.example.org/7", "https://sentry.example.org/api/7/envelope/",
                "sentry.example.org", "abc", true, false},
           Case{"https://abc@example.org:9000/a/b/7/", "https://example.org:9000/a/b/api/7/envelope/", "example.org",
                "abc", true, false},
           Case{"http://abc@127.0.0.1:9000/7", "http://127.0.0.1:9000/api/7/envelope/", "127.0.0.1", "abc", false,
                true},
           Case{"http://abc@[::1]:9000/7", "http://[::1]:9000/api/7/envelope/", "[::1]", "abc", false, true},
           Case{"http://abc@relay/7", "http://relay/api/7/envelope/", "relay", "abc", false, false},
           Case{"https://abc@localhost/my-project_1", "https://localhost/api/my-project_1/envelope/", "localhost",
                "abc", true, true},
       }) {
    const auto dsn = parse_dsn(each.dsn);
    ASSERT_TRUE(dsn) << each.dsn << ": " << dsn.error().detail;
    EXPECT_EQ(dsn->envelope_url, each.url);
    EXPECT_EQ(dsn->host, each.host);
    EXPECT_EQ(dsn->public_key, each.key);
    EXPECT_EQ(dsn->encrypted, each.encrypted) << each.dsn;
    EXPECT_EQ(dsn->loopback, each.loopback) << each.dsn;
  }
}

TEST(Dsn, says_what_is_wrong_and_shows_nothing_of_it) {
  struct Case {
    std::string dsn;
    std::string_view why;
  };
  for (const Case& each : {
           Case{"", "does not begin with https://"},
           Case{"SECRETKEY@SECRETHOST/7", "does not begin with https://"},
           Case{"ftp://SECRETKEY@SECRETHOST/7", "does not begin with https://"},
           Case{"https://SECRETHOST/7", "no key"},
           Case{"https://@SECRETHOST/7", "its key must be"},
           Case{"https://SECRET KEY@SECRETHOST/7", "its key must be"},
           Case{"https://SECRET,KEY@SECRETHOST/7", "its key must be"},
           Case{"https://SECRETKEY@/7", "no host"},
           Case{"https://SECRETKEY@SECRET HOST/7", "no host"},
           Case{"https://SECRETKEY@SECRETHOST\r\nX: y/7", "no host"},
           Case{"https://SECRETKEY@[::1/7", "no host"},
           Case{"https://SECRETKEY@SECRETHOST:0/7", "its port"},
           Case{"https://SECRETKEY@SECRETHOST:65536/7", "its port"},
           Case{"https://SECRETKEY@SECRETHOST:/7", "its port"},
           Case{"https://SECRETKEY@SECRETHOST", "project"},
           Case{"https://SECRETKEY@SECRETHOST/", "project"},
           Case{"https://SECRETKEY@SECRETHOST/7?x=1", "project"},
           Case{"https://SECRETKEY@SECRETHOST/a b/7", "its path"},
           Case{"https://SECRETKEY@SECRETHOST/" + std::string(limits::kDsnBytesMax, '7'), "more than 1024"},
       }) {
    const auto dsn = parse_dsn(each.dsn);
    ASSERT_FALSE(dsn) << each.dsn;
    EXPECT_EQ(dsn.error().code, ErrorCode::usage);
    EXPECT_NE(dsn.error().detail.find(each.why), std::string::npos) << each.dsn << ": " << dsn.error().detail;
    EXPECT_EQ(dsn.error().detail.find("SECRET"), std::string::npos) << dsn.error().detail;
  }
}

TEST(Dsn, is_read_up_to_its_bound) {
  const std::string before = "https://abc@host/";
  EXPECT_TRUE(parse_dsn(before + std::string(limits::kDsnBytesMax - before.size(), '7')));
  EXPECT_FALSE(parse_dsn(before + std::string(limits::kDsnBytesMax - before.size() + 1, '7')));
}

}  // namespace
}  // namespace temperature::reports
