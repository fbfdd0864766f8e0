#include "upkeep/keeping_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/moments.h"
#include "testing/temporary_folder.h"

namespace temperature::upkeep {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::kMidnight;

Keeping all_of_it() {
  Keeping keeping;
  keeping.known = kMidnight + Duration(7);
  keeping.retention = Retention(days(400));
  keeping.retention->keep("co2", days(30));
  keeping.retention->keep("a name with blanks", Duration(1));
  keeping.shortest = {{"", hours(6)}, {"a name with blanks", Duration(1)}};
  keeping.forgotten = {kMidnight, Retention(days(500))};
  keeping.notice = {{kMidnight, *keeping.retention}, 1'234, Duration(3'599'001)};
  return keeping;
}

TEST(KeepingFile, comes_back_as_it_was) {
  for (const Keeping& keeping : {Keeping(), all_of_it()}) {
    const auto again = decode_keeping(encode_keeping(keeping));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, keeping);
  }
}

TEST(KeepingFile, is_text_that_people_can_read) {
  Keeping keeping;
  keeping.known = kMidnight;
  keeping.retention = Retention(days(1));
  EXPECT_TRUE(
      encode_keeping(keeping).starts_with("temperature-service keeping 1\nknown 2023-11-19T00:00:00.000Z\n"
                                          "retention others 86400000\nend "));
}

TEST(KeepingFile, tells_a_damaged_one) {
  const std::string good = encode_keeping(all_of_it());
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    EXPECT_FALSE(decode_keeping(bad)) << at;
    EXPECT_FALSE(decode_keeping(good.substr(0, at))) << at;
  }
}

TEST(KeepingFile, is_written_whole_and_read_again) {
  const testing::TemporaryFolder folder;
  const auto none = read_keeping(folder.path());
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none) << "there is none";
  for (const Keeping& keeping : {all_of_it(), Keeping()}) {
    ASSERT_TRUE(write_keeping(folder.path(), keeping));
    const auto read = read_keeping(folder.path());
    ASSERT_TRUE(read && *read);
    EXPECT_EQ(**read, keeping);
  }
  std::ofstream(folder.path() / kKeepingFile) << "temperature-service keeping 1\n";
  const auto damaged = read_keeping(folder.path());
  ASSERT_FALSE(damaged);
  EXPECT_NE(damaged.error().detail.find("KEEPING is damaged"), std::string::npos);
}

}  // namespace
}  // namespace temperature::upkeep
