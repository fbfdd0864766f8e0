#include <gtest/gtest.h>

#include <string>

#include "accept/acceptor.h"
#include "testing/moments.h"

// What an acceptor notes for those who send the same names again, and the units that it turns into the kept one.
namespace temperature::accept {
namespace {

using ingest::RawReading;
using ingest::SeriesMemo;
using testing::kNow;

RawReading reading(std::string_view sensor, SeriesMemo* memo) {
  RawReading raw;
  raw.room = "hall";
  raw.sensor = sensor;
  raw.value = 20;
  raw.memo = memo;
  return raw;
}

Admission accept(catalogue::Catalogue& catalogue, std::vector<RawReading> readings) {
  ingest::Parsed parsed;
  parsed.readings = std::move(readings);
  return Acceptor({}, catalogue).accept(parsed, "test", kNow);
}

TEST(AcceptorMemo, a_new_series_is_noted) {
  catalogue::Catalogue catalogue(10);
  SeriesMemo a;
  SeriesMemo b;
  const auto first = accept(catalogue, {reading("a", &a), reading("b", &b), reading("a", &a)});
  ASSERT_TRUE(a.known && b.known);
  EXPECT_EQ(first.batch->readings().series, (std::vector{a.id, b.id, a.id}));
  EXPECT_EQ(catalogue.series(a.id).sensor, "a");
  EXPECT_EQ(catalogue.series(b.id).place, b.place);
}

TEST(AcceptorMemo, a_known_series_is_noted_and_taken_by_its_memo) {
  catalogue::Catalogue catalogue(10);
  SeriesMemo a;
  accept(catalogue, {reading("b", nullptr), reading("a", nullptr)});
  accept(catalogue, {reading("a", &a)});
  ASSERT_TRUE(a.known);
  const auto again = accept(catalogue, {reading("a", &a)});
  EXPECT_EQ(again.batch->readings().series, (std::vector{SeriesId(1)}));
  EXPECT_EQ(again.batch->readings().places, (std::vector{catalogue.place(SeriesId(1))}));
}

TEST(AcceptorMemo, a_refused_series_is_not_noted) {
  catalogue::Catalogue catalogue(1);
  SeriesMemo a;
  SeriesMemo b;
  const auto admission = accept(catalogue, {reading("a", &a), reading("b", &b)});
  EXPECT_TRUE(a.known);
  EXPECT_FALSE(b.known);
  EXPECT_EQ(admission.rejected_by_code[std::to_underlying(ErrorCode::series_limit)], 1U);
}

TEST(AcceptorMemo, a_series_that_left_is_let_in_again_as_a_new_one_is) {
  catalogue::Catalogue catalogue(1);
  SeriesMemo a;
  accept(catalogue, {reading("a", &a)});
  std::vector<SeriesId> left;
  catalogue.note(a.place.window, {}, catalogue::Catalogue::Arrivals::over, left);
  ASSERT_EQ(catalogue.counted().series, 0U);
  accept(catalogue, {reading("a", &a)});
  EXPECT_EQ(catalogue.counted().series, 1U) << "its memo is no way around it";
  catalogue.note(a.place.window, {}, catalogue::Catalogue::Arrivals::over, left);
  accept(catalogue, {reading("b", nullptr)});
  const auto refused = accept(catalogue, {reading("a", &a)});
  EXPECT_EQ(refused.rejected_by_code[std::to_underlying(ErrorCode::series_limit)], 1U);
}

TEST(AcceptorMemo, names_that_leave_make_room) {
  catalogue::Catalogue catalogue(1);
  AcceptorOptions options;
  int asked = 0;
  bool leaves = false;
  options.make_room = [&] {
    ++asked;
    std::vector<SeriesId> left;
    if (leaves)
      catalogue.note(catalogue::Catalogue::Found{}.place.window, {}, catalogue::Catalogue::Arrivals::over, left);
    return leaves;
  };
  const Acceptor acceptor(options, catalogue);
  const auto send = [&](std::string_view sensor) {
    ingest::Parsed parsed;
    parsed.readings = {reading(sensor, nullptr)};
    return acceptor.accept(parsed, "test", kNow).rejected_count;
  };
  EXPECT_EQ(send("a"), 0U);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(send("b"), 1U);
  EXPECT_EQ(asked, 1);
  leaves = true;
  EXPECT_EQ(send("b"), 0U);
  EXPECT_EQ(asked, 2);
}

TEST(AcceptorMemo, values_and_times_are_checked_all_the_same) {
  catalogue::Catalogue catalogue(10);
  SeriesMemo a;
  accept(catalogue, {reading("a", &a)});
  RawReading ahead = reading("a", &a);
  ahead.timestamp_ms = to_ms(kNow) + 86'400'000;
  const auto admission = accept(catalogue, {ahead});
  EXPECT_FALSE(admission.batch);
  EXPECT_EQ(admission.rejected_by_code[std::to_underlying(ErrorCode::timestamp_ahead)], 1U);
  EXPECT_TRUE(admission.rejected.at(0).text.contains("hall/a temperature=20 @1700086400000"));
}

TEST(AcceptorUnits, temperatures_are_kept_in_degrees_celsius) {
  catalogue::Catalogue catalogue(10);
  SeriesMemo a;
  RawReading raw = reading("a", &a);
  raw.value = 50;
  raw.unit = "°F";
  for (int turn = 0; turn < 2; ++turn) {  // the second time by its memo
    EXPECT_EQ(accept(catalogue, {raw}).batch->readings().values, (std::vector<double>{10}));
  }
  raw = reading("b", nullptr);
  raw.value = 273.15;
  raw.unit = "K";
  EXPECT_EQ(accept(catalogue, {raw}).batch->readings().values, (std::vector<double>{0}));
}

}  // namespace
}  // namespace temperature::accept
