#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "mapping/line_mapper.h"
#include "mapping/series_cache.h"
#include "testing/colliding_names.h"

// What of the lines that were sent stays in a mapper, and that nobody makes it slow by the names he chooses.
namespace temperature::mapping {
namespace {

using testing::least_time_of;

constexpr int kTimesMax = 10;  // as much as ordinary lines; quadratic ones take more than a hundred times as much

class LineMapperCache : public ::testing::Test {
 protected:
  enum class Lines : bool { refused, taken };

  void map(const std::string& body, Lines lines, bool restricted = false) {
    ASSERT_TRUE(mapper_.map(body, Precision::milliseconds, parsed_, {}, restricted));
    for (auto& reading : parsed_.readings) {
      if (lines == Lines::taken && reading.memo != nullptr) reading.memo->known = true;
    }
    if (lines == Lines::taken && parsed_.taken != nullptr) parsed_.taken->assign(parsed_.taken->size(), true);
    mapper_.keep_taken();
  }

  // Whether the fields of the line are known by its bytes.
  bool knows(const std::string& line) {
    EXPECT_TRUE(mapper_.map(line, Precision::milliseconds, parsed_));
    return std::ranges::all_of(parsed_.readings,
                               [](const auto& reading) { return reading.memo != nullptr && reading.memo->known; });
  }

  static std::string series(std::size_t from, std::size_t count) {
    std::string body;
    for (std::size_t i = from; i < from + count; ++i) body += "m,room=r,sensor=s" + std::to_string(i) + " v=1 1\n";
    return body;
  }

  std::vector<std::string> told_;
  LineRules rules_;
  DeviceMaps maps_;
  SensorNameCounts counts_{
      [this](std::string_view, std::string_view value, std::string_view) { told_.emplace_back(value); }};
  LineMapper mapper_{rules_, maps_, &counts_};
  ingest::Parsed parsed_;
};

TEST_F(LineMapperCache, a_series_stays_once_a_line_of_it_was_taken) {
  map("m,room=r,sensor=s v=1 1\n", Lines::refused);
  EXPECT_FALSE(knows("m,room=r,sensor=s v=1 1\n"));
  map("m,room=r,sensor=s v=1 1\n", Lines::taken);
  EXPECT_TRUE(knows("m,room=r,sensor=s v=1 1\n"));
  map("m,room=r,sensor=s v=1 1\n", Lines::refused);
  EXPECT_TRUE(knows("m,room=r,sensor=s v=1 1\n")) << "what was taken once is known";
}

TEST_F(LineMapperCache, a_body_keeps_the_series_of_its_taken_lines_alone) {
  ASSERT_TRUE(mapper_.map(series(0, 3), Precision::milliseconds, parsed_));
  for (auto& reading : parsed_.readings) reading.memo->known = true;
  ASSERT_NE(parsed_.taken, nullptr);
  ASSERT_EQ(parsed_.taken->size(), 3U);
  (*parsed_.taken)[1] = true;
  mapper_.keep_taken();
  EXPECT_FALSE(knows(series(0, 1)));
  EXPECT_TRUE(knows(series(1, 1)));
  EXPECT_FALSE(knows(series(2, 1)));
}

TEST_F(LineMapperCache, refused_lines_take_no_room) {
  map("m,room=r,sensor=known v=1 1\n", Lines::taken);
  for (std::size_t turn = 0; turn < 2; ++turn) map(series(turn * 70'000, 70'000), Lines::refused, turn == 1);
  EXPECT_TRUE(knows("m,room=r,sensor=known v=1 1\n"));
  map("m,room=r,sensor=late v=1 1\n", Lines::taken);
  EXPECT_TRUE(knows("m,room=r,sensor=late v=1 1\n"));
}

TEST_F(LineMapperCache, fields_of_refused_lines_take_no_room) {
  map("m,room=r,sensor=s v=1 1\n", Lines::taken);
  std::string line = "m,room=r,sensor=s v=1";
  for (std::size_t i = 0; i < limits::kLineFieldsKept; ++i) line += ",f" + std::to_string(i) + "=1";
  map(line, Lines::refused);
  map(line, Lines::refused, true);
  EXPECT_FALSE(knows(line));
  map("m,room=r,sensor=s w=1,v=2 1\n", Lines::taken, true);
  map("m,room=r,sensor=s w=1,v=2 2\n", Lines::taken, true);
  EXPECT_TRUE(knows("m,room=r,sensor=s v=1,w=1 1\n"));
}

TEST_F(LineMapperCache, names_of_refused_lines_are_not_counted) {
  std::string body;
  for (std::size_t i = 0; i <= limits::kNamesOfSensorTag; ++i) {
    body += "m,room=r,device=d,pid=" + std::to_string(i) + " v=1 1\n";
  }
  map(body, Lines::refused);
  EXPECT_TRUE(told_.empty());
  map(body, Lines::taken);
  EXPECT_EQ(told_, std::vector<std::string>{"d"});
}

TEST_F(LineMapperCache, what_is_passed_over_of_refused_lines_is_not_noted) {
  map("m,room=r,sensor=s v=1,note=\"x\" 1\n", Lines::refused, true);
  map("m,room=r,sensor=s note=\"x\" 1\n", Lines::refused, true);
  EXPECT_TRUE(mapper_.passed_over().all().empty());
  for (int turn = 0; turn < 3; ++turn) map("m,room=r,sensor=s v=1,note=\"x\" 1\n", Lines::taken, true);
  EXPECT_EQ(mapper_.passed_over().all().size(), 1U);
}

TEST_F(LineMapperCache, lines_that_say_their_unit_stay_too) {
  const std::string line = "m,room=r,sensor=s t=20,unit=\"C\" 1\n";
  map(line, Lines::taken);
  map("m,room=r,sensor=s t=20 1\n", Lines::taken);
  EXPECT_TRUE(knows("m,room=r,sensor=s t=20 1\n"));
}

TEST_F(LineMapperCache, names_that_collide_cost_what_others_cost) {
  constexpr std::size_t kLines = 8'192;
  const auto time_of = [this](const std::vector<std::string>& all) {
    std::string body;
    for (const std::string& written : all) body += written + " v=1 1\n";
    return least_time_of([&] { map(body, Lines::refused); });
  };
  constexpr std::string_view kPrefix = "t,room=r,sensor=";
  EXPECT_LT(time_of(testing::colliding_names(kLines, kPrefix)),
            kTimesMax * time_of(testing::ordinary_names(kLines, kPrefix)));
}

// Once each was compared with every one whose unit contradicts the line's.
TEST_F(LineMapperCache, fields_that_contradict_their_line_cost_what_others_cost) {
  const auto time_of = [this](const std::string& unit) {
    std::string line = "m,room=r,sensor=s,unit=" + unit + " a=1";
    for (int i = 0; i < 20'000; ++i) line += ",x" + std::to_string(i) + "=1,temperature_f=1";
    return least_time_of([&] { map(line, Lines::refused); });
  };
  EXPECT_LT(time_of("C"), kTimesMax * time_of("F"));
}

TEST_F(LineMapperCache, ends_when_the_service_stops) {
  std::atomic<bool> stopping{false};
  parsed_.stopping = &stopping;
  EXPECT_TRUE(mapper_.map(series(0, 10), Precision::milliseconds, parsed_));
  stopping = true;
  const auto mapped = mapper_.map(series(0, 10), Precision::milliseconds, parsed_);
  ASSERT_FALSE(mapped);
  EXPECT_EQ(mapped.error().code, ErrorCode::shutting_down);
  EXPECT_TRUE(parsed_.readings.empty());
}

// Beyond the bound fields in another order are worked out anew, and come out the same.
TEST_F(LineMapperCache, fields_in_any_order_come_out_the_same) {
  std::string there;
  std::string back;
  for (std::size_t i = 0; i < limits::kLineFieldsKept; ++i) {
    const std::string field = "f" + std::to_string(i) + "=" + std::to_string(i);
    there += (there.empty() ? "" : ",") + field;
    back = field + (back.empty() ? "" : ",") + back;
  }
  std::string body;
  constexpr std::size_t kPairs = 4 * limits::kLineFieldsCompared / (limits::kLineFieldsKept * limits::kLineFieldsKept);
  for (std::size_t i = 0; i < kPairs; ++i) {
    for (const std::string* fields : {&there, &back}) body += "m,room=r,sensor=s " + *fields + "\n";
  }
  for (int turn = 0; turn < 2; ++turn) {
    ASSERT_TRUE(mapper_.map(body, Precision::milliseconds, parsed_));
    ASSERT_EQ(parsed_.readings.size(), 2 * kPairs * limits::kLineFieldsKept);
    for (const auto& reading : parsed_.readings) {
      ASSERT_EQ(reading.quantity, "f" + std::to_string(static_cast<int>(reading.value)));
    }
    if (parsed_.taken != nullptr) parsed_.taken->assign(parsed_.taken->size(), true);
    mapper_.keep_taken();  // the second time the series is known
  }
}

}  // namespace
}  // namespace temperature::mapping
