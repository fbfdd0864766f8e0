#include "doors/metrics_door.h"

#include <gtest/gtest.h>

namespace temperature::doors {
namespace {

using telemetry::Exposition;

TEST(MetricsDoor, WhoNamesOpenMetricsGetsIt) {
  EXPECT_EQ(exposition_for("application/openmetrics-text"), Exposition::openmetrics);
  EXPECT_EQ(exposition_for("Application/OpenMetrics-Text ; Version=1.0.0"), Exposition::openmetrics);
  // Prometheus 2.42, and 3
  EXPECT_EQ(
      exposition_for("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
      Exposition::openmetrics);
  EXPECT_EQ(exposition_for("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                           "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.2"),
            Exposition::openmetrics);
}

TEST(MetricsDoor, OthersGetPlainText) {
  for (const char* accept :
       {"", "*/*", "text/plain", "text/html, */*;q=0.1", "application/json", "application/openmetrics-text;q=0",
        "application/openmetrics-text;version=2.0.0", "application/openmetrics-text;q=0.5, text/plain",
        "application/openmetrics-text;q=nonsense", ",;,=;q", "application/openmetrics-text2"}) {
    EXPECT_EQ(exposition_for(accept), Exposition::text) << accept;
  }
}

}  // namespace
}  // namespace temperature::doors
