#include "telemetry/metrics_page.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

#include "base/check.h"

namespace temperature::telemetry {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

const MetricFamily& MetricsPage::begin(Metric metric) {
  const MetricFamily& family = family_of(metric);
  if (last_ == metric) return family;
  const auto number = static_cast<std::size_t>(metric);
  CHECK(!begun_.test(number));
  begun_.set(number);
  last_ = metric;
  append_family(text_, family, exposition_);
  return family;
}

void MetricsPage::add(Metric metric, double value, std::initializer_list<std::string_view> labels) {
  append_sample(text_, begin(metric), LabelValues(labels.begin(), labels.size()), value);
}

void MetricsPage::add(Metric metric, const Histogram::Snapshot& nanoseconds,
                      std::initializer_list<std::string_view> labels) {
  append_histogram(text_, begin(metric), LabelValues(labels.begin(), labels.size()), nanoseconds);
}

std::string MetricsPage::finish() {
  append_end(text_, exposition_);
  return std::move(text_);
}

void add_process_metrics(MetricsPage& page, std::uint64_t open_files, double start_seconds) {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    page.add(Metric::process_cpu_seconds, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  }
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  if (statm >> pages >> resident) {
    const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
    page.add(Metric::process_resident_memory_bytes, static_cast<double>(resident) * page_bytes);
    page.add(Metric::process_virtual_memory_bytes, static_cast<double>(pages) * page_bytes);
  }
  page.add(Metric::process_open_fds, static_cast<double>(open_files));
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    page.add(Metric::process_max_fds, files.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                                                      : static_cast<double>(files.rlim_cur));
  }
  page.add(Metric::process_start_time, start_seconds);
}

double process_start_seconds() {
  constexpr int kStartTime = 22;       // proc(5): the 22nd field of /proc/PID/stat, in clock ticks since the boot
  constexpr int kFieldBehindName = 3;  // the name of the program may hold blanks, and ends with the last ')'
  std::ifstream process("/proc/self/stat");
  std::string line;
  std::getline(process, line);
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string field;
  for (int number = kFieldBehindName; number < kStartTime; ++number) fields >> field;
  double ticks = 0;
  if (!(fields >> ticks)) return 0;
  std::ifstream system("/proc/stat");
  while (std::getline(system, line)) {
    std::istringstream words(line);
    double booted = 0;
    if (words >> field && field == "btime" && words >> booted) {
      return booted + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
  }
  return 0;
}

std::uint64_t count_open_files() {
  std::error_code error;
  std::uint64_t open = 0;
  for (auto at = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    ++open;
  }
  return open;
}

}  // namespace temperature::telemetry
