#include "postgres/masked.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature::postgres {
namespace {

TEST(MaskPasswords, LeavesEverythingElse) {
  EXPECT_EQ(masked("--timescale-url=postgres://ada:pw@db:5432/heat?sslmode=require"),
            "--timescale-url=postgres://ada:**@db:5432/heat?sslmode=require");
  EXPECT_EQ(masked("postgresql://db/heat?user=ada&password=pw&sslmode=require"),
            "postgresql://db/heat?user=ada&password=**&sslmode=require");
  EXPECT_EQ(masked("postgresql://db/heat?sslpassword=pw"), "postgresql://db/heat?sslpassword=**");
  EXPECT_EQ(masked("postgresql://ada@db:5432/heat"), "postgresql://ada@db:5432/heat");
  EXPECT_EQ(masked("http://ada:pw@db/"), "http://ada:pw@db/");
  EXPECT_EQ(masked(""), "");
}

TEST(MaskPasswords, TakesRatherTooMuch) {
  EXPECT_EQ(masked("postgres://ada:p/w@d@db/heat"), "postgres://ada:*****@db/heat");
  EXPECT_EQ(masked("postgres://ada:pw@db/heat?options=a@b"), "postgres://ada:" + std::string(20, '*') + "@b");
}

}  // namespace
}  // namespace temperature::postgres
