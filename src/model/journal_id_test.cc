#include "model/journal_id.h"

#include <gtest/gtest.h>

#include <set>

namespace temperature {
namespace {

TEST(JournalId, is_read_as_it_is_written) {
  const std::string text = "0f8fad5b-d9cb-469f-a165-70867728950e";  // of RFC 9562's shape
  const auto id = JournalId::parse(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), text);
  EXPECT_EQ(JournalId::parse("0F8FAD5B-D9CB-469F-A165-70867728950E"), id);
}

TEST(JournalId, takes_nothing_but_a_uuid) {
  for (const std::string_view text : {"", "7", "0f8fad5b-d9cb-469f-a165-70867728950",
                                      "0f8fad5b-d9cb-469f-a165-70867728950e0", "0f8fad5bd9cb469fa16570867728950e",
                                      "0f8fad5b-d9cb-469f-a165_70867728950e", "0f8fad5g-d9cb-469f-a165-70867728950e",
                                      "{f8fad5b-d9cb-469f-a165-70867728950}", "00000000-0000-0000-0000-000000000000"}) {
    EXPECT_FALSE(JournalId::parse(text)) << text;
  }
}

TEST(JournalId, is_another_each_time_and_says_its_version) {
  std::set<JournalId> made;
  for (int i = 0; i < 100; ++i) {
    const JournalId id = JournalId::make();
    EXPECT_TRUE(made.insert(id).second);
    const std::string text = id.text();
    EXPECT_EQ(text[14], '4');
    EXPECT_NE(std::string_view("89ab").find(text[19]), std::string_view::npos) << text;
    EXPECT_EQ(JournalId::parse(text), id);
  }
}

}  // namespace
}  // namespace temperature
