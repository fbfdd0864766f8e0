#include "telemetry/reject_counts.h"

#include <gtest/gtest.h>

namespace temperature::telemetry {
namespace {

RejectKey key_of(std::string code, std::string sensor) {
  RejectKey key;
  key[std::to_underlying(RejectField::kind)] = "refused";
  key[std::to_underlying(RejectField::code)] = std::move(code);
  key[std::to_underlying(RejectField::sensor)] = std::move(sensor);
  return key;
}

Timestamp second(int number) {
  return timestamp_from_ms(1'700'000'000'000 + std::int64_t{1000} * number);
}

TEST(RejectCounts, sums_what_has_the_same_text_in_the_fields_asked_for) {
  RejectCounts counts;
  counts.add(key_of("a", "s1"), 1, second(1));
  counts.add(key_of("b", "s1"), 1, second(3));
  counts.add(key_of("a", "s2"), 5, second(2));
  counts.add(key_of("a", "s1"), 2, second(0));
  counts.add(key_of("c", "s3"), 0, second(9));
  constexpr std::array kBySensor{RejectField::sensor};
  const auto by_sensor = group_rejects(counts.all(), kBySensor);
  ASSERT_EQ(by_sensor.size(), 2U);
  EXPECT_EQ(by_sensor[0].key[std::to_underlying(RejectField::sensor)], "s2");
  EXPECT_EQ(by_sensor[0].count, 5U);
  EXPECT_EQ(by_sensor[1].count, 4U);
  EXPECT_EQ(by_sensor[1].last, second(3));
  EXPECT_EQ(by_sensor[1].key[std::to_underlying(RejectField::code)], "");
  constexpr std::array kByBoth{RejectField::sensor, RejectField::code};
  const auto by_both = group_rejects(counts.all(), kByBoth);
  ASSERT_EQ(by_both.size(), 3U);
  EXPECT_EQ(by_both[1].count, 3U);
  EXPECT_EQ(by_both[1].last, second(1));
}

TEST(RejectCounts, loses_no_count_when_it_is_full) {
  RejectCounts counts;
  for (std::size_t i = 0; i < limits::kRejectGroupsMax + 10; ++i) {
    counts.add(key_of("a", std::to_string(i)), 1, second(1));
  }
  EXPECT_EQ(counts.all().size(), limits::kRejectGroupsMax + 1);
  counts.add(key_of("a", "0"), 1, second(2));
  constexpr std::array kBySensor{RejectField::sensor};
  const auto groups = group_rejects(counts.all(), kBySensor);
  EXPECT_EQ(groups[0].count, 10U) << "those without a row of their own";
  EXPECT_EQ(groups[0].key, RejectKey());
  EXPECT_EQ(groups[1].count, 2U);
  std::uint64_t sum = 0;
  for (const auto& group : groups) sum += group.count;
  EXPECT_EQ(sum, limits::kRejectGroupsMax + 11);
}

TEST(RejectCounts, knows_its_fields_by_name) {
  EXPECT_EQ(reject_field_of("sensor"), RejectField::sensor);
  EXPECT_EQ(reject_field_of("field"), RejectField::field);
  EXPECT_EQ(reject_field_of("Sensor"), std::nullopt);
}

}  // namespace
}  // namespace temperature::telemetry
