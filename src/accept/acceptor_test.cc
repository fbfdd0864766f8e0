#include "accept/acceptor.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "base/timestamp_limits.h"
#include "model/batch_limits.h"
#include "model/name_limits.h"
#include "testing/moments.h"

namespace temperature::accept {
namespace {

using ingest::RawReading;
using std::chrono::hours;
using std::chrono::minutes;
using testing::kNow;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

RawReading good(std::uint32_t index) {
  RawReading raw;
  raw.building = "main";
  raw.room = "hall";
  raw.sensor = "s";
  raw.quantity = "temperature";
  raw.timestamp_ms = to_ms(kNow) - index;
  raw.value = 20;
  raw.index = index;
  return raw;
}

ingest::Parsed parsed(std::vector<RawReading> readings) {
  ingest::Parsed parsed;
  parsed.readings = std::move(readings);
  return parsed;
}

std::string bytes(std::size_t count) {
  return std::string(count, 'x');
}

// One change to a good reading, and the error that it must give; none: it must be taken.
struct Case {
  std::string what;
  std::function<void(RawReading&)> change;
  std::optional<ErrorCode> want;
  std::string named = {};  // what the detail must name
};

const std::string kLongest = bytes(limits::kNameBytesMax);
const std::string kLongestSensor = bytes(limits::kSensorNameBytesMax);
const std::string kSensorTooLong = bytes(limits::kSensorNameBytesMax + 1);
const std::string kTooLong = bytes(limits::kNameBytesMax + 1);
const std::string kLongestOfTwoBytes = [] {
  std::string name;
  while (name.size() < limits::kNameBytesMax) name += "ä";
  return name;
}();
const std::string kLongestUnit = bytes(limits::kUnitBytesMax);
const std::string kUnitTooLong = bytes(limits::kUnitBytesMax + 1);

std::vector<Case> name_cases() {
  return {
      {"room of 0 bytes", [](auto& raw) { raw.room = ""; }, ErrorCode::id_invalid, "room"},
      {"room of 1 byte", [](auto& raw) { raw.room = "x"; }, std::nullopt},
      {"room of 128 bytes", [](auto& raw) { raw.room = kLongest; }, std::nullopt},
      {"room of 128 bytes in 64 letters", [](auto& raw) { raw.room = kLongestOfTwoBytes; }, std::nullopt},
      {"room of 129 bytes", [](auto& raw) { raw.room = kTooLong; }, ErrorCode::id_invalid, "room"},
      {"sensor of 0 bytes", [](auto& raw) { raw.sensor = ""; }, ErrorCode::id_invalid, "sensor"},
      {"sensor of 512 bytes", [](auto& raw) { raw.sensor = kLongestSensor; }, std::nullopt},
      {"sensor of 513 bytes", [](auto& raw) { raw.sensor = kSensorTooLong; }, ErrorCode::id_invalid, "sensor"},
      {"building of 128 bytes", [](auto& raw) { raw.building = kLongest; }, std::nullopt},
      {"building of 129 bytes", [](auto& raw) { raw.building = kTooLong; }, ErrorCode::id_invalid, "building"},
      {"quantity of 128 bytes", [](auto& raw) { raw.quantity = kLongest; }, std::nullopt},
      {"quantity of 129 bytes", [](auto& raw) { raw.quantity = kTooLong; }, ErrorCode::id_invalid, "quantity"},
      {"slashes, dots and spaces", [](auto& raw) { raw.room = "wing/2 ../hall.1"; }, std::nullopt},
      {"a line feed", [](auto& raw) { raw.room = "a\nb"; }, ErrorCode::id_invalid, "room"},
      {"a NUL", [](auto& raw) { raw.sensor = std::string_view("a\0b", 3); }, ErrorCode::id_invalid, "sensor"},
      {"U+001F", [](auto& raw) { raw.room = "\x1f"; }, ErrorCode::id_invalid, "room"},
      {"U+0020", [](auto& raw) { raw.room = " "; }, ErrorCode::id_invalid, "room is empty"},
      {"U+007E", [](auto& raw) { raw.room = "~"; }, std::nullopt},
      {"U+007F", [](auto& raw) { raw.room = "\x7f"; }, ErrorCode::id_invalid, "room"},
      {"U+0080", [](auto& raw) { raw.room = "\xc2\x80"; }, ErrorCode::id_invalid, "room"},
      {"U+009F", [](auto& raw) { raw.room = "\xc2\x9f"; }, ErrorCode::id_invalid, "room"},
      {"U+00A0", [](auto& raw) { raw.room = "\xc2\xa0"; }, ErrorCode::id_invalid, "room is empty"},
      {"U+200B", [](auto& raw) { raw.room = "hall\xe2\x80\x8b"; }, ErrorCode::id_invalid, "room has U+200B"},
      {"U+202E", [](auto& raw) { raw.sensor = "\xe2\x80\xaes"; }, ErrorCode::id_invalid, "sensor has U+202E"},
      {"half a letter", [](auto& raw) { raw.room = "\xc3"; }, ErrorCode::id_invalid, "room"},
      {"a byte that is no UTF-8", [](auto& raw) { raw.sensor = "\xff"; }, ErrorCode::id_invalid, "sensor"},
      {"an overlong letter", [](auto& raw) { raw.building = "\xc0\xaf"; }, ErrorCode::id_invalid, "building"},
      {"a surrogate", [](auto& raw) { raw.quantity = "\xed\xa0\x80"; }, ErrorCode::id_invalid, "quantity"},
  };
}

std::vector<Case> value_cases() {
  return {
      {"NaN", [](auto& raw) { raw.value = std::nan(""); }, ErrorCode::value_invalid, "value"},
      {"infinity", [](auto& raw) { raw.value = kInfinity; }, ErrorCode::value_invalid, "value"},
      {"-infinity", [](auto& raw) { raw.value = -kInfinity; }, ErrorCode::value_invalid, "value"},
      {"the largest double", [](auto& raw) { raw.value = std::numeric_limits<double>::max(); }, std::nullopt},
      {"the smallest double", [](auto& raw) { raw.value = std::numeric_limits<double>::denorm_min(); }, std::nullopt},
      {"-0.0", [](auto& raw) { raw.value = -0.0; }, std::nullopt},
      {"the built-in unit", [](auto& raw) { raw.unit = "°C"; }, std::nullopt},
      {"another way to write it", [](auto& raw) { raw.unit = "Cel"; }, std::nullopt},
      {"another unit", [](auto& raw) { raw.unit = "mbar"; }, ErrorCode::unit_mismatch, "mbar"},
      {"one that becomes the built-in unit", [](auto& raw) { raw.unit = "°F"; }, std::nullopt},
      {"a first unit", [](auto& raw) { raw.quantity = "wind", raw.unit = "m/s"; }, std::nullopt},
      {"a first unit of 32 bytes", [](auto& raw) { raw.quantity = "q32", raw.unit = kLongestUnit; }, std::nullopt},
      {"a first unit of 33 bytes", [](auto& raw) { raw.quantity = "q33", raw.unit = kUnitTooLong; },
       ErrorCode::id_invalid, "unit"},
      {"a first unit with a tab", [](auto& raw) { raw.quantity = "tab", raw.unit = "\t"; }, ErrorCode::id_invalid,
       "unit"},
  };
}

// The acceptor of these cases looks 10 minutes ahead and keeps readings for 30 days.
constexpr Duration kMaxAhead = minutes(10);
constexpr Duration kRetention = hours(24 * 30);

std::vector<Case> time_cases() {
  const auto at = [](Timestamp timestamp) {
    return [timestamp](RawReading& raw) { raw.timestamp_ms = to_ms(timestamp); };
  };
  return {
      {"now", at(kNow), std::nullopt},
      {"as far ahead as allowed", at(kNow + kMaxAhead), std::nullopt},
      {"1 ms farther ahead", at(kNow + kMaxAhead + Duration(1)), ErrorCode::timestamp_ahead, format_timestamp(kNow)},
      {"centuries ahead", at(kTimestampMax), ErrorCode::timestamp_ahead, "centuries"},
      {"as old as retention allows", at(kNow - kRetention), std::nullopt},
      {"1 ms older", at(kNow - kRetention - Duration(1)), ErrorCode::too_old, "30d"},
      {"a quantity that is kept for longer",
       [](auto& raw) { raw.quantity = "humidity", raw.timestamp_ms = to_ms(kNow - 2 * kRetention); }, std::nullopt},
      {"1 ms older than that",
       [](auto& raw) { raw.quantity = "humidity", raw.timestamp_ms = to_ms(kNow - 2 * kRetention) - 1; },
       ErrorCode::too_old, "humidity"},
      {"a quantity that is kept for an hour",
       [](auto& raw) { raw.quantity = "co2", raw.timestamp_ms = to_ms(kNow - hours(1)) - 1; }, ErrorCode::too_old,
       "1h"},
      {"the first moment of 2000", at(limits::kTimestampFirst), ErrorCode::too_old},
      {"1 ms before 2000", at(limits::kTimestampFirst - Duration(1)), ErrorCode::timestamp_too_old, "seconds"},
      {"seconds taken for milliseconds", at(timestamp_from_ms(to_ms(kNow) / 1000)), ErrorCode::timestamp_too_old,
       "seconds"},
      {"the first moment there is", at(kTimestampMin), ErrorCode::timestamp_too_old},
  };
}

void expect_each(const std::vector<Case>& cases, const AcceptorOptions& options) {
  for (const auto& [what, change, want, named] : cases) {
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, what);
    catalogue::Catalogue catalogue(1000);
    const Acceptor acceptor(options, catalogue);
    std::vector<RawReading> readings{good(0), good(1), good(2)};  // the neighbours are good
    change(readings[1]);
    const Admission admission = acceptor.accept(parsed(readings), "test", kNow);
    ASSERT_TRUE(admission.batch);
    EXPECT_EQ(admission.batch->readings().size(), want ? 2U : 3U);
    EXPECT_EQ(admission.indices, want ? (std::vector<std::uint32_t>{0, 2}) : (std::vector<std::uint32_t>{0, 1, 2}));
    EXPECT_EQ(admission.rejected_count, want ? 1U : 0U);
    ASSERT_EQ(admission.rejected.size(), want ? 1U : 0U);
    if (!want) continue;
    EXPECT_EQ(admission.rejected[0].index, 1U);
    EXPECT_EQ(admission.rejected[0].error.code, *want) << admission.rejected[0].error.detail;
    EXPECT_NE(admission.rejected[0].error.detail.find(named), std::string::npos) << admission.rejected[0].error.detail;
    EXPECT_EQ(admission.batch->readings().timestamps[1], kNow - Duration(2)) << "the third reading closed up";
    EXPECT_EQ(catalogue.series_count(), 1U) << "a refused reading defines no series";
  }
}

TEST(Acceptor, checks_names_at_their_bounds) {
  expect_each(name_cases(), {});
}
TEST(Acceptor, checks_values_and_units) {
  expect_each(value_cases(), {});
}
TEST(Acceptor, checks_times_at_their_bounds) {
  Retention retention(kRetention);
  retention.keep("humidity", 2 * kRetention);
  retention.keep("co2", hours(1));
  expect_each(time_cases(), {.max_ahead = kMaxAhead, .retention = retention});
}

TEST(Acceptor, takes_readings_back_to_2000_without_a_retention) {
  catalogue::Catalogue catalogue(10);
  const Acceptor acceptor({}, catalogue);
  auto raw = good(0);
  raw.timestamp_ms = to_ms(limits::kTimestampFirst);
  EXPECT_TRUE(acceptor.accept(parsed({raw}), "test", kNow).batch);
}

TEST(Acceptor, gives_readings_without_a_time_the_time_of_admission) {
  catalogue::Catalogue catalogue(10);
  const Acceptor acceptor({}, catalogue);
  auto raw = good(0);
  raw.timestamp_ms.reset();
  const Admission admission = acceptor.accept(parsed({raw}), "test", kNow);
  ASSERT_TRUE(admission.batch);
  EXPECT_EQ(admission.batch->readings().timestamps[0], kNow);
  EXPECT_EQ(admission.batch->origin().received, kNow);
  EXPECT_EQ(admission.batch->origin().sender, "test");
}

TEST(Acceptor, fills_in_the_building_and_the_quantity_that_were_left_out) {
  catalogue::Catalogue catalogue(10);
  const Acceptor acceptor({.default_building = "home"}, catalogue);
  auto raw = good(0);
  raw.building = raw.quantity = "";
  ASSERT_TRUE(acceptor.accept(parsed({raw}), "test", kNow).batch);
  EXPECT_TRUE(catalogue.find_window("home", "hall", "temperature"));
}

TEST(Acceptor, cuts_the_senders_name_to_what_a_record_takes) {
  catalogue::Catalogue catalogue(10);
  const Acceptor acceptor({}, catalogue);
  const auto admission = acceptor.accept(parsed({good(0)}), bytes(limits::kSenderBytesMax + 1), kNow);
  EXPECT_EQ(admission.batch->origin().sender.size(), limits::kSenderBytesMax);
}

TEST(Acceptor, refuses_series_beyond_the_limit_and_takes_the_known_ones) {
  catalogue::Catalogue catalogue(2);
  const Acceptor acceptor({}, catalogue);
  std::vector<RawReading> readings{good(0), good(1), good(2), good(3)};
  readings[1].sensor = "second";
  readings[2].sensor = "third";
  const Admission admission = acceptor.accept(parsed(readings), "test", kNow);
  ASSERT_TRUE(admission.batch);
  EXPECT_EQ(admission.indices, (std::vector<std::uint32_t>{0, 1, 3}));
  ASSERT_EQ(admission.rejected.size(), 1U);
  EXPECT_EQ(admission.rejected[0].index, 2U);
  EXPECT_EQ(admission.rejected[0].error.code, ErrorCode::series_limit);
  EXPECT_EQ(admission.batch->definitions(), 2U);
}

TEST(Acceptor, holds_the_unit_of_a_batchs_first_reading_against_its_second) {
  catalogue::Catalogue catalogue(10);
  const Acceptor acceptor({}, catalogue);
  std::vector<RawReading> readings{good(0), good(1), good(2)};
  for (auto& raw : readings) raw.quantity = "wind";
  readings[0].unit = "m/s";
  readings[1].unit = "km/h";
  const Admission admission = acceptor.accept(parsed(readings), "test", kNow);
  EXPECT_EQ(admission.indices, (std::vector<std::uint32_t>{0, 2}));
  ASSERT_EQ(admission.rejected.size(), 1U);
  EXPECT_EQ(admission.rejected[0].error.code, ErrorCode::unit_mismatch);
  EXPECT_EQ(catalogue.unit("wind"), "m/s");
}

TEST(Acceptor, admits_nothing_when_nothing_is_admissible) {
  catalogue::Catalogue catalogue(10);
  const Acceptor acceptor({}, catalogue);
  auto raw = good(0);
  raw.value = kInfinity;
  EXPECT_FALSE(acceptor.accept(parsed({raw}), "test", kNow).batch);
  const Admission none = acceptor.accept({}, "test", kNow);
  EXPECT_FALSE(none.batch);
  EXPECT_EQ(none.rejected_count, 0U);
}

TEST(Acceptor, lists_the_parsers_rejections_and_its_own_in_the_requests_order) {
  catalogue::Catalogue catalogue(10);
  const Acceptor acceptor({}, catalogue);
  std::vector<RawReading> readings{good(0), good(2), good(3)};
  readings[0].room = "";  // found out late, when its series is to be defined
  readings[2].value = kInfinity;
  auto body = parsed(readings);
  body.rejected.push_back({1, {ErrorCode::field_missing, "sensor is missing"}});
  body.rejected_count = 1;
  const Admission admission = acceptor.accept(body, "test", kNow);
  EXPECT_EQ(admission.indices, (std::vector<std::uint32_t>{2}));
  EXPECT_EQ(admission.rejected_count, 3U);
  ASSERT_EQ(admission.rejected.size(), 3U);
  EXPECT_EQ(admission.rejected[0].error.code, ErrorCode::id_invalid);
  EXPECT_EQ(admission.rejected[1].error.code, ErrorCode::field_missing);
  EXPECT_EQ(admission.rejected[2].error.code, ErrorCode::value_invalid);
}

TEST(Acceptor, lists_a_hundred_rejections_and_counts_them_all) {
  catalogue::Catalogue catalogue(10);
  const Acceptor acceptor({}, catalogue);
  std::vector<RawReading> readings;
  for (std::uint32_t i = 0; i < 300; ++i) {
    readings.push_back(good(i));
    if (i % 2 == 0) readings.back().value = kInfinity;
  }
  const Admission admission = acceptor.accept(parsed(readings), "test", kNow);
  EXPECT_EQ(admission.rejected_count, 150U);
  ASSERT_EQ(admission.rejected.size(), limits::kDetailsListedMax);
  EXPECT_EQ(admission.rejected.back().index, 198U);
  EXPECT_EQ(admission.batch->readings().size(), 150U);
}

TEST(Acceptor, fills_the_memory_of_an_earlier_batch_and_keeps_nothing_of_it) {
  catalogue::Catalogue catalogue(10);
  const Acceptor acceptor({}, catalogue);
  Admission first = acceptor.accept(parsed({good(0), good(1), good(2)}), "test", kNow);
  Memory memory{std::move(*first.batch).release(), std::move(first.indices)};
  const double* const place = memory.readings.values.data();
  auto other = good(7);
  other.sensor = "other";
  other.value = -3;
  const Admission second = acceptor.accept(parsed({other, good(8)}), "test", kNow, nullptr, std::move(memory));
  ASSERT_TRUE(second.batch);
  const ReadingColumns& rows = second.batch->readings();
  EXPECT_EQ(rows.values.data(), place);
  EXPECT_EQ(rows.values, (std::vector<double>{-3, good(8).value}));
  EXPECT_EQ(rows.series, (std::vector<SeriesId>{SeriesId(1), SeriesId(0)}));
  EXPECT_EQ(rows.timestamps.size(), 2U);
  EXPECT_EQ(rows.places.size(), 2U);
  EXPECT_EQ(second.indices, (std::vector<std::uint32_t>{7, 8}));
}

// The journal refuses to read a longer record back: such a batch, once acknowledged, stopped every later start.
TEST(Acceptor, takes_as_many_readings_as_a_record_may_have_and_not_one_more) {
  catalogue::Catalogue catalogue(10);
  const Acceptor acceptor({}, catalogue);
  std::vector<RawReading> readings(limits::kReadingsPerBatchMax, good(0));
  EXPECT_EQ(acceptor.accept(parsed(readings), "test", kNow).rejected_count, 0U);
  readings.push_back(good(0));
  readings.back().index = 12;
  const Admission admission = acceptor.accept(parsed(readings), "test", kNow);
  EXPECT_EQ(admission.batch->readings().size(), limits::kReadingsPerBatchMax);
  ASSERT_EQ(admission.rejected.size(), 1U);
  EXPECT_EQ(admission.rejected[0].index, 12U);
  EXPECT_EQ(admission.rejected[0].error.code, ErrorCode::too_many_readings);
}

}  // namespace
}  // namespace temperature::accept
