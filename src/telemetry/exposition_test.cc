#include "telemetry/exposition.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>

#include "telemetry/metrics_page.h"

namespace temperature::telemetry {
namespace {

std::string sample(Metric metric, std::initializer_list<std::string_view> values, double value) {
  std::string out;
  append_sample(out, family_of(metric), LabelValues(values.begin(), values.size()), value);
  return out;
}

TEST(Exposition, ASampleIsItsNameItsLabelsAndItsValue) {
  EXPECT_EQ(sample(Metric::series, {}, 3), "temperature_service_series 3\n");
  EXPECT_EQ(sample(Metric::readings, {"accepted"}, 0.5),
            "temperature_service_readings_total{outcome=\"accepted\"} 0.5\n");
  EXPECT_EQ(sample(Metric::http_requests, {"/livez", "GET", "2xx"}, 1),
            "temperature_service_http_requests_total{route=\"/livez\",method=\"GET\",status=\"2xx\"} 1\n");
  EXPECT_EQ(sample(Metric::target_info, {"temperature-service", "0.1.0"}, 1),
            "target_info{service_name=\"temperature-service\",service_version=\"0.1.0\"} 1\n")
      << "the last label was left out";
}

TEST(Exposition, WhatWouldEndALabelIsEscaped) {
  EXPECT_EQ(sample(Metric::room_average, {"a\"b", "c\\d", "e\nf", "°C"}, 1),
            "temperature_service_room_average{building=\"a\\\"b\",room=\"c\\\\d\",quantity=\"e\\nf\",unit=\"°C\"} 1\n");
}

TEST(Exposition, NumbersReadBackAsTheyWere) {
  EXPECT_EQ(sample(Metric::series, {}, 16'777'216), "temperature_service_series 16777216\n");
  EXPECT_EQ(sample(Metric::series, {}, 0.1), "temperature_service_series 0.1\n");
  EXPECT_EQ(sample(Metric::series, {}, -40), "temperature_service_series -40\n");
  EXPECT_EQ(sample(Metric::series, {}, std::numeric_limits<double>::quiet_NaN()), "temperature_service_series NaN\n");
  EXPECT_EQ(sample(Metric::series, {}, std::numeric_limits<double>::infinity()), "temperature_service_series +Inf\n");
  for (const double value : {1.0 / 3, 1'700'000'000.123, 21.499999999999996, 5e-324, 1.7976931348623157e308}) {
    const std::string text = sample(Metric::series, {}, value);
    EXPECT_EQ(std::strtod(text.c_str() + text.find(' '), nullptr), value) << text;
  }
}

TEST(Exposition, OpenMetricsNamesACounterWithoutTotalAndSaysTheUnit) {
  std::string text;
  append_family(text, family_of(Metric::process_cpu_seconds), Exposition::text);
  EXPECT_EQ(text,
            "# HELP process_cpu_seconds_total CPU time of the process, user and system\n"
            "# TYPE process_cpu_seconds_total counter\n");
  text.clear();
  append_family(text, family_of(Metric::process_cpu_seconds), Exposition::openmetrics);
  EXPECT_EQ(text,
            "# HELP process_cpu_seconds CPU time of the process, user and system\n"
            "# TYPE process_cpu_seconds counter\n"
            "# UNIT process_cpu_seconds seconds\n");
}

TEST(Exposition, AHistogramCountsUpwards) {
  Histogram times;
  times.observe(1'000);           // a microsecond: in the first bucket that is given out, of 1,024 ns
  times.observe(1'025);           // one bucket further
  times.observe(60'000'000'000);  // a minute: in the last alone
  std::string text;
  append_histogram(text, family_of(Metric::journal_sync_seconds), {}, times.snapshot());
  EXPECT_TRUE(
      text.starts_with("temperature_service_journal_sync_seconds_bucket{le=\"1.024e-06\"} 1\n"
                       "temperature_service_journal_sync_seconds_bucket{le=\"2.048e-06\"} 2\n"))
      << text;
  EXPECT_NE(text.find("temperature_service_journal_sync_seconds_bucket{le=\"34.359738368\"} 2\n"
                      "temperature_service_journal_sync_seconds_bucket{le=\"+Inf\"} 3\n"
                      "temperature_service_journal_sync_seconds_sum 60.000002025"),
            std::string::npos)
      << text;
  EXPECT_TRUE(text.ends_with("\ntemperature_service_journal_sync_seconds_count 3\n")) << text;
}

TEST(MetricsPage, AFamilyIsBegunOnceAndOpenMetricsHasAnEnd) {
  MetricsPage page(Exposition::openmetrics);
  page.add(Metric::readings, 1, {"accepted"});
  page.add(Metric::readings, 2, {"rejected"});
  page.add(Metric::series, 1);
  EXPECT_EQ(page.finish(),
            "# HELP temperature_service_readings Readings, by what became of them: accepted, duplicate, conflict, "
            "replaced, rejected\n"
            "# TYPE temperature_service_readings counter\n"
            "temperature_service_readings_total{outcome=\"accepted\"} 1\n"
            "temperature_service_readings_total{outcome=\"rejected\"} 2\n"
            "# HELP temperature_service_series Series that have readings: sensors of a room times quantities\n"
            "# TYPE temperature_service_series gauge\n"
            "temperature_service_series 1\n"
            "# EOF\n");
}

TEST(MetricsPage, TheStartOfTheProcessIsBeforeNow) {
  const double started = process_start_seconds();
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_GT(started, now - 24 * 3'600);
  EXPECT_LE(started, now + 2) << "btime is rounded to a second";
}

}  // namespace
}  // namespace temperature::telemetry
