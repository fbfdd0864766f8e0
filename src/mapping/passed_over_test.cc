#include "mapping/passed_over.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mapping/line_mapper.h"

namespace temperature::mapping {
namespace {

class PassedOverTest : public ::testing::Test {
 protected:
  void map(std::string_view body, std::int64_t at_ms = 5) {
    mapper.passed_over().begin_body("/write", "me", timestamp_from_ms(at_ms));
    ASSERT_TRUE(mapper.map(body, Precision::milliseconds, parsed));
    if (parsed.taken != nullptr) parsed.taken->assign(parsed.taken->size(), true);
    mapper.keep_taken();
  }
  [[nodiscard]] PassedOverField field(std::string_view key) const {
    const auto all = mapper.passed_over().all();
    const auto found = std::ranges::find(all, key, &PassedOverField::key);
    return found == all.end() ? PassedOverField() : *found;
  }

  LineRules rules;
  DeviceMaps maps;
  LineMapper mapper{rules, maps};
  ingest::Parsed parsed;
};

TEST_F(PassedOverTest, notes_a_field_once_and_counts_it_from_then_on) {
  map("\nair,building=b,room=r,sensor=s value=20,note=\"ok\",open=t 1\n", 5);
  map("air,building=b,room=r,sensor=s value=20,note=\"no\",open=f 2\nair,building=b,room=r,sensor=s open=t,value=20 "
      "3\n",
      9);
  ASSERT_EQ(mapper.passed_over().all().size(), 2U);
  const PassedOverField note = field("note");
  EXPECT_EQ(note.reason, PassedOverReason::text);
  EXPECT_EQ(note.count, 2U);
  EXPECT_EQ(note.last, timestamp_from_ms(9));
  EXPECT_EQ(note.line, 2U);
  EXPECT_EQ(note.text, "air,building=b,room=r,sensor=s value=20,note=\"ok\",open=t 1");
  EXPECT_EQ(note.building, "b");
  EXPECT_EQ(note.room, "r");
  EXPECT_EQ(note.sensor, "s");
  EXPECT_EQ(note.door, "/write");
  EXPECT_EQ(note.sender, "me");
  const PassedOverField open = field("open");
  EXPECT_EQ(open.reason, PassedOverReason::boolean);
  EXPECT_EQ(open.count, 3U);
}

TEST_F(PassedOverTest, notes_the_numbers_that_home_assistant_sends_beside) {
  map("°C,domain=sensor,entity_id=hall,room=r value=20.5,battery=80 1\n");
  map("°C,domain=sensor,entity_id=hall,room=r value=20.5,battery=80 2\n");
  ASSERT_EQ(mapper.passed_over().all().size(), 1U);
  EXPECT_EQ(field("battery").reason, PassedOverReason::attribute);
  EXPECT_EQ(field("battery").count, 2U);
}

TEST_F(PassedOverTest, has_a_bound_beyond_which_fields_are_only_counted) {
  std::string body;
  for (std::size_t i = 0; i < limits::kPassedOverKept + 5; ++i) {
    body += "air,room=r,sensor=s" + std::to_string(i) + " note=\"ok\" 1\n";
  }
  mapper.passed_over().begin_body("/write", "me", timestamp_from_ms(5));
  const auto counted = mapper.map(body, Precision::milliseconds, parsed);
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->texts, limits::kPassedOverKept + 5);
  EXPECT_EQ(mapper.passed_over().all().size(), limits::kPassedOverKept);
}

}  // namespace
}  // namespace temperature::mapping
