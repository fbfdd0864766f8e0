#include "postgres/url.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace temperature::postgres {
namespace {

std::string shown(std::string_view text) {
  const auto url = Url::parse(text);
  return url ? url->shown() : "refused: " + url.error().detail;
}

std::string refusal(std::string_view text) {
  const auto url = Url::parse(text);
  return url ? "taken" : url.error().detail;
}

TEST(DatabaseUrl, ShowsEverythingButSecrets) {
  EXPECT_EQ(shown("postgres://ada:hunter2@db.example:5433/heat"), "postgresql://ada:***@db.example:5433/heat");
  EXPECT_EQ(shown("postgresql://ada@db.example/heat"), "postgresql://ada@db.example/heat");
  EXPECT_EQ(shown("postgresql:///heat?host=/run/postgresql"), "postgresql://%2Frun%2Fpostgresql/heat");
  EXPECT_EQ(shown("postgresql://ada:p%40ss%2Fword@db.example/h%20eat"), "postgresql://ada:***@db.example/h%20eat");
  EXPECT_EQ(shown("postgresql://db/heat?user=ada&password=hunter2&sslmode=verify-full"),
            "postgresql://ada:***@db/heat?sslmode=verify-full");
  EXPECT_EQ(shown("postgresql://db/heat?sslkey=/etc/k.pem&sslpassword=hunter2"),
            "postgresql://db/heat?sslkey=%2Fetc%2Fk.pem&sslpassword=***");
  EXPECT_EQ(shown("postgresql://"), "postgresql://");
}

TEST(DatabaseUrl, HasSeveralHostsAndAddressesOfVersionSix) {
  EXPECT_EQ(shown("postgresql://[2001:db8::1]:5433/heat"), "postgresql://[2001:db8::1]:5433/heat");
  EXPECT_EQ(shown("postgresql://ada:x@a.example:5433,b.example:5434/heat?target_session_attrs=read-write"),
            "postgresql://ada:***@a.example:5433,b.example:5434/heat?target_session_attrs=read-write");
  const auto url = Url::parse("postgresql://a.example:5433,b.example:5434/heat");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->hosts(), "a.example,b.example");
  EXPECT_EQ(url->ports(), "5433,5434");
}

TEST(DatabaseUrl, IsTrimmedAsFilesHaveIt) {
  const auto url = Url::parse(" postgresql://ada@db/heat\r\n");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->text(), "postgresql://ada@db/heat");
}

TEST(DatabaseUrl, IsRefusedWithTheReason) {
  const auto says = [](std::string_view text, std::string_view reason) {
    EXPECT_NE(refusal(text).find(reason), std::string::npos) << refusal(text);
  };
  says("", "it is empty");
  says("mysql://db/heat", "must begin with postgresql://");
  says("host=db dbname=heat", "must begin with postgresql://");
  says("postgresql://db/heat?sslmod=require", "invalid URI query parameter sslmod");
  says("postgresql://[2001:db8::1/heat", "IPv6");
  says("postgresql://db/heat?sslmode", "missing key/value separator");
  says("postgresql://db/he at", "a blank");
  says("postgresql://db/" + std::string(limits::kDatabaseUrlBytesMax, 'x'), "more than 4096 characters");
}

TEST(DatabaseUrl, SaysNothingOfAPasswordThatBreaksIt) {
  for (const std::string_view text :
       {"postgresql://ada:hunter%2@db/heat", "postgresql://ada:hun/ter?hunter=hunter@db/heat",
        "postgresql://ada:[hunter@db/heat", "postgresql://ada:x@[hunter/heat", "postgresql://ada:/?hunter@db/heat",
        "postgresql://ada:hunter%zz@db/heat", "hunter2", "postgresql://ada:hun ter@db/heat",
        "postgresql://db/heat?password=hunter%", "postgresql://ada:a#?hunter=b&hunter=@db/heat"}) {
    EXPECT_EQ(shown(text).find("hunter"), std::string::npos) << shown(text);
  }
}

TEST(DatabaseUrl, EqualsItselfOnly) {
  const auto one = Url::parse("postgresql://ada:a@db/heat");
  const auto same = Url::parse("postgresql://ada:a@db/heat\n");
  const auto other = Url::parse("postgresql://ada:b@db/heat");
  ASSERT_TRUE(one && same && other);
  EXPECT_EQ(*one, *same);
  EXPECT_FALSE(*one == *other);
}

}  // namespace
}  // namespace temperature::postgres
