#include "config/database_url.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "testing/temporary_folder.h"

namespace temperature::config {
namespace {

using Environment = std::vector<const char*>;

constexpr const char* kUrl = "postgresql://ada:SECRET@db.example/heat";
constexpr const char* kOther = "postgresql://ada:SECRET@other.example/heat";

std::string outcome(const DatabaseFlags& flags, const Environment& environment,
                    FlagsAndEnvironment together = FlagsAndEnvironment::must_agree) {
  const auto url = database_url(flags, environment, together);
  if (!url) return url.error().detail;
  return *url ? (*url)->shown() : "none";
}

class DatabaseUrlSources : public ::testing::Test {
 protected:
  std::string file(const std::string& name, std::string_view text) {
    const auto path = folder_.path() / name;
    std::ofstream(path) << text;
    return path.string();
  }

  testing::TemporaryFolder folder_;
};

TEST_F(DatabaseUrlSources, AreAllAlike) {
  const std::string shown = "postgresql://ada:***@db.example/heat";
  const std::string path = file("url", std::string(kUrl) + "\n");
  EXPECT_EQ(outcome({}, {}), "none");
  EXPECT_EQ(outcome({}, {"TIMESCALE_DB_URL=", "TEMPERATURE_TIMESCALE_URL_FILE="}), "none");
  EXPECT_EQ(outcome({.url = kUrl}, {}), shown);
  EXPECT_EQ(outcome({.url_file = path}, {}), shown);
  for (const std::string& variable :
       {"TEMPERATURE_TIMESCALE_URL=" + std::string(kUrl), "TIMESCALE_DB_URL=" + std::string(kUrl),
        "TEMPERATURE_TIMESCALE_URL_FILE=" + path, "TIMESCALE_DB_URL_FILE=" + path}) {
    EXPECT_EQ(outcome({}, {"PATH=/bin", variable.c_str()}), shown) << variable;
    EXPECT_EQ(outcome({.url = kUrl, .url_file = path}, {variable.c_str()}), shown) << "the same, more than once";
  }
}

TEST_F(DatabaseUrlSources, ThatDifferAreRefusedByName) {
  const std::string path = file("url", kOther);
  const std::string variable = "TIMESCALE_DB_URL=" + std::string(kUrl);
  EXPECT_EQ(outcome({.url = kOther}, {variable.c_str()}),
            "--timescale-url and TIMESCALE_DB_URL differ: give one, or the same twice");
  EXPECT_EQ(outcome({.url = kUrl, .url_file = path}, {}),
            "--timescale-url and --timescale-url-file differ: give one, or the same twice");
  const std::string in_file = "TIMESCALE_DB_URL_FILE=" + path;
  EXPECT_EQ(outcome({}, {variable.c_str(), in_file.c_str()}),
            "TIMESCALE_DB_URL and TIMESCALE_DB_URL_FILE differ: give one, or the same twice");
}

TEST_F(DatabaseUrlSources, OfTheEnvironmentGiveWayToACommandsFlag) {
  const std::string variable = "TIMESCALE_DB_URL=" + std::string(kOther);
  const auto flags_alone = FlagsAndEnvironment::flags_alone;
  EXPECT_EQ(outcome({.url = kUrl}, {variable.c_str()}, flags_alone), "postgresql://ada:***@db.example/heat");
  EXPECT_EQ(outcome({}, {variable.c_str()}, flags_alone), "postgresql://ada:***@other.example/heat");
}

TEST_F(DatabaseUrlSources, SayWhichIsWrongAndNothingOfIt) {
  for (const char* variable : {"TIMESCALE_DB_URL=mysql://ada:SECRET@db/heat", "TIMESCALE_DB_URL=host=db SECRET",
                               "TIMESCALE_DB_URL_FILE=/nonexistent/url"}) {
    const std::string said = outcome({}, {variable});
    EXPECT_TRUE(said.starts_with("TIMESCALE_DB_URL")) << said;
    EXPECT_EQ(said.find("SECRET"), std::string::npos) << said;
  }
}

TEST(MirrorSettings, AreNoMirrorWithoutAUrl) {
  const auto mirror = check_mirror(Flags(), {});
  ASSERT_TRUE(mirror) << mirror.error().detail;
  EXPECT_FALSE(mirror->url);
  EXPECT_EQ(mirror->view_schema, "temperature_service");
  EXPECT_EQ(mirror->journal_max, 1ULL << 30U);
}

TEST(MirrorSettings, AreChecked) {
  Flags flags;
  flags.timescale_url = kUrl;
  flags.timescale_schema = "grafana_1";
  flags.mirror_journal_max = "1MiB";
  const auto mirror = check_mirror(flags, {});
  ASSERT_TRUE(mirror) << mirror.error().detail;
  EXPECT_EQ(mirror->url->hosts(), "db.example");
  EXPECT_EQ(mirror->view_schema, "grafana_1");
  EXPECT_EQ(mirror->journal_max, 1ULL << 20U);
  for (const char* name : {"", "Heat", "1st", "pg_heat", "information_schema", "a b", "a\";--", "h\xc3\xa4user"}) {
    flags.timescale_schema = name;
    const auto refused = check_mirror(flags, {});
    ASSERT_FALSE(refused) << name;
    EXPECT_TRUE(refused.error().detail.starts_with("--timescale-schema must be")) << refused.error().detail;
  }
  flags.timescale_schema = std::string(63, 'a');
  EXPECT_TRUE(check_mirror(flags, {}));
  flags.timescale_schema += 'a';
  EXPECT_FALSE(check_mirror(flags, {}));
  flags.timescale_schema = "heat";
  for (const char* size : {"", "0", "1GB", "63KiB", "-1", "much"}) {
    flags.mirror_journal_max = size;
    const auto refused = check_mirror(flags, {});
    ASSERT_FALSE(refused) << size;
    EXPECT_TRUE(refused.error().detail.starts_with("--mirror-journal-max must be")) << refused.error().detail;
  }
}

}  // namespace
}  // namespace temperature::config
