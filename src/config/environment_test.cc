#include "config/environment.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace temperature::config {
namespace {

using Lines = std::vector<std::string>;

const Lines kKnown{"TEMPERATURE_LISTEN", "TEMPERATURE_RETENTION"};

TEST(UnknownVariables, NamesTheNearest) {
  const std::vector<const char*> environment{"PATH=/bin", "TEMPERATURE_RETENTOIN=7d", "TEMPERATURE_LISTEN=:0"};
  EXPECT_EQ(unknown_variables(environment, kKnown),
            Lines{"the environment has TEMPERATURE_RETENTOIN, which means nothing here; did you mean "
                  "TEMPERATURE_RETENTION?"});
}

TEST(UnknownVariables, LeavesThoseOfKubernetesAlone) {
  const std::vector<const char*> environment{"TEMPERATURE_SERVICE_PORT=tcp://10.0.0.1:8000",
                                             "TEMPERATURE_SERVICE_SERVICE_HOST=10.0.0.1"};
  EXPECT_EQ(unknown_variables(environment, kKnown), Lines{});
}

TEST(UnknownVariables, NeitherValuesNorOthersAreSaid) {
  const std::vector<const char*> environment{"TEMPERATURE_ADMINKEY=a-secret", "TEMPERATURES=1", "TEMPERATURE=1",
                                             "TEMPERATURE_NO_VALUE"};
  const Lines said = unknown_variables(environment, kKnown);
  ASSERT_EQ(said.size(), 2U);
  for (const std::string& line : said) EXPECT_EQ(line.find("a-secret"), std::string::npos) << line;
}

TEST(VariablesOf, KnowsAllCommands) {
  CLI::App app;
  std::string value;
  app.add_option("--one", value)->envname("TEMPERATURE_ONE");
  CLI::App* below = app.add_subcommand("below");
  below->add_option("--two", value)->envname("TEMPERATURE_TWO");
  CLI::App* further = below->add_subcommand("further");
  further->add_option("--one", value)->envname("TEMPERATURE_ONE");
  further->add_option("--none", value);
  EXPECT_EQ(variables_of(app), (Lines{"TEMPERATURE_ONE", "TEMPERATURE_TWO"}));
}

TEST(SentryVariables, AreTakenAsSentrysClientsDo) {
  const std::vector<const char*> environment{"PATH=/bin", "SENTRY_DSN=https://key@host/1", "SENTRY_DSN_=no",
                                             "SENTRY_ENVIRONMENT=staging", "SENTRY_RELEASE=house@7"};
  Flags flags;
  ASSERT_TRUE(apply_sentry_variables(environment, flags));
  EXPECT_EQ(flags.sentry_dsn, "https://key@host/1");
  EXPECT_TRUE(apply_sentry_variables(environment, flags)) << "the same twice";
  const auto settings = check(flags);
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ(settings->error_reports.environment, "staging");
  EXPECT_EQ(settings->error_reports.release, "house@7");
  EXPECT_EQ(settings->environment, "") << "that is --environment's";
  flags.environment = "production";
  EXPECT_EQ(check(flags)->error_reports.environment, "production");
}

TEST(SentryVariables, AndAFlagMustNotDiffer) {
  const std::vector<const char*> environment{"SENTRY_DSN=https://SECRET@host/1"};
  Flags flags;
  flags.sentry_dsn = "https://SECRET@host/2";
  const auto applied = apply_sentry_variables(environment, flags);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, ErrorCode::usage);
  EXPECT_EQ(applied.error().detail.find("SECRET"), std::string::npos) << applied.error().detail;
  flags.sentry_dsn.clear();
  flags.sentry_dsn_file = "dsn";
  ASSERT_TRUE(apply_sentry_variables(environment, flags));
  EXPECT_FALSE(check(flags)) << "nor both, the DSN and a file of it";
}

TEST(SentryVariables, MeanSomethingOnlyWithADsn) {
  Flags flags;
  ASSERT_TRUE(
      apply_sentry_variables(std::vector<const char*>{"SENTRY_ENVIRONMENT=two words", "SENTRY_RELEASE=a/b"}, flags));
  const auto settings = check(flags);
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ(settings->error_reports.environment + settings->error_reports.release, "");
  flags.sentry_dsn = "https://key@host/1";
  EXPECT_NE(check(flags).error().detail.find("SENTRY_ENVIRONMENT"), std::string::npos);
  flags.sentry_environment.clear();
  EXPECT_NE(check(flags).error().detail.find("SENTRY_RELEASE"), std::string::npos);
}

}  // namespace
}  // namespace temperature::config
