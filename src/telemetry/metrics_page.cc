#include "telemetry/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace temperature::telemetry {
namespace {

constexpr std::string_view kPrefix = "temperature_service_";
constexpr double kNanosecond = 1e-9;
constexpr std::size_t kFirstBucket = 10;  // 1 microsecond; faster ones are counted with it
constexpr std::size_t kLastBucket = 35;   // 34 seconds

prometheus::ClientMetric metric(const Labels& labels) {
  prometheus::ClientMetric made;
  for (const auto& [name, value] : labels) made.label.push_back({name, value});
  return made;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

struct MetricsPage::Families {
  std::vector<prometheus::MetricFamily> all;

  prometheus::MetricFamily& family(std::string_view name, std::string_view help, prometheus::MetricType type) {
    std::string full = name.starts_with("process_") ? std::string(name) : std::string(kPrefix) + std::string(name);
    if (all.empty() || all.back().name != full) {
      prometheus::MetricFamily& begun = all.emplace_back();
      begun.name = std::move(full);
      begun.help = help;
      begun.type = type;
    }
    return all.back();
  }
};

MetricsPage::MetricsPage() : families_(std::make_unique<Families>()) {}
MetricsPage::~MetricsPage() = default;

void MetricsPage::counter(std::string_view name, std::string_view help, double value, const Labels& labels) {
  auto made = metric(labels);
  made.counter.value = value;
  families_->family(name, help, prometheus::MetricType::Counter).metric.push_back(std::move(made));
}

void MetricsPage::gauge(std::string_view name, std::string_view help, double value, const Labels& labels) {
  auto made = metric(labels);
  made.gauge.value = value;
  families_->family(name, help, prometheus::MetricType::Gauge).metric.push_back(std::move(made));
}

void MetricsPage::seconds(std::string_view name, std::string_view help, const Histogram::Snapshot& nanoseconds,
                          const Labels& labels) {
  auto made = metric(labels);
  made.histogram.sample_count = nanoseconds.count;
  made.histogram.sample_sum = static_cast<double>(nanoseconds.sum) * kNanosecond;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
    cumulative += nanoseconds.counts[i];
    if (i < kFirstBucket || i > kLastBucket) continue;
    const double bound = static_cast<double>(std::uint64_t{1} << i) * kNanosecond;
    made.histogram.bucket.push_back({cumulative, bound});
  }
  families_->family(name, help, prometheus::MetricType::Histogram).metric.push_back(std::move(made));
}

std::string MetricsPage::text() const {
  return prometheus::TextSerializer().Serialize(families_->all);
}

void add_process_metrics(MetricsPage& page, std::uint64_t open_files) {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    page.counter("process_cpu_seconds_total", "CPU time of the process, user and system",
                 seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  }
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  if (statm >> pages >> resident) {
    page.gauge("process_resident_memory_bytes", "Memory of the process that is in use",
               static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  page.gauge("process_open_fds", "Open files and sockets", static_cast<double>(open_files));
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
