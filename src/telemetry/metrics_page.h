#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/histogram.h"

namespace temperature::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

// One answer to a scrape, in Prometheus' text format 0.0.4. Names get the prefix "temperature_service_".
// Samples of one family follow each other; a family is begun by its first sample.
class MetricsPage {
 public:
  MetricsPage();
  ~MetricsPage();
  MetricsPage(const MetricsPage&) = delete;
  MetricsPage& operator=(const MetricsPage&) = delete;

  void counter(std::string_view name, std::string_view help, double value, const Labels& labels = {});
  void gauge(std::string_view name, std::string_view help, double value, const Labels& labels = {});
  // A histogram of nanoseconds, given out in seconds.
  void seconds(std::string_view name, std::string_view help, const Histogram::Snapshot& nanoseconds,
               const Labels& labels = {});

  [[nodiscard]] std::string text() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

// The process's CPU seconds, resident bytes and open files, under the names that Prometheus' clients use.
void add_process_metrics(MetricsPage& page, std::uint64_t open_files);

// How many files and sockets the process has open. Goes through a list of them: not for a connection's thread.
std::uint64_t count_open_files();

}  // namespace temperature::telemetry
