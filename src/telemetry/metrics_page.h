#pragma once

#include <bitset>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/histogram.h"
#include "telemetry/exposition.h"
#include "telemetry/metric_families.h"

namespace temperature::telemetry {

// One answer to a scrape. The samples of one family follow each other; a family is begun by its first sample.
class MetricsPage {
 public:
  explicit MetricsPage(Exposition exposition) : exposition_(exposition) {}

  // `labels`: the values of the family's labels, in their order; the last may be left out.
  void add(Metric metric, double value, std::initializer_list<std::string_view> labels = {});
  // A histogram of nanoseconds, given out in seconds.
  void add(Metric metric, const Histogram::Snapshot& nanoseconds, std::initializer_list<std::string_view> labels = {});

  // The whole answer. Nothing is added to it afterwards.
  [[nodiscard]] std::string finish();

 private:
  const MetricFamily& begin(Metric metric);

  Exposition exposition_;
  std::string text_;
  std::optional<Metric> last_;
  std::bitset<kMetrics> begun_;
};

// What is known of the process, under the names that Prometheus' clients use.
void add_process_metrics(MetricsPage& page, std::uint64_t open_files, double start_seconds);

// When the process was started, in seconds since 1970; 0: not known. Reads a few files of /proc.
double process_start_seconds();

// How many files and sockets the process has open. Goes through a list of them: not for a connection's thread.
std::uint64_t count_open_files();

}  // namespace temperature::telemetry
