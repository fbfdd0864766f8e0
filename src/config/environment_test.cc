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

}  // namespace
}  // namespace temperature::config
