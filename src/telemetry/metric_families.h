#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace temperature::telemetry {

enum class MetricType : std::uint8_t { gauge, counter, histogram };

// The families of /metrics and /metrics/rooms: what is not here cannot be served.
enum class Metric : std::uint8_t {
  build_info,
  target_info,
  serving,
  writes_refused,
  readings,
  readings_recovered,
  readings_conflicting,
  readings_rejected,
  series,
  windows,
  window_readings,
  window_bytes,
  unflushed_readings,
  journal_writable,
  journal_position,
  journal_released_position,
  journal_queue_bytes,
  journal_groups,
  journal_batches,
  journal_written_bytes,
  journal_sync_seconds,
  journal_bytes,
  history_flushes,
  history_flushes_failed,
  history_readings,
  history_readings_expired,
  history_chunks_expired,
  history_damaged,
  history_safe_position,
  history_bytes,
  writes_history_failed,
  disk_free_bytes,
  disk_min_free_bytes,
  disk_time_left_seconds,
  memory_limit_bytes,
  clock_unconfirmed,
  retention_waiting_readings,
  retention_wait_seconds,
  purges_waiting,
  backup_last_success,
  tls_certificate_expiry,
  mirror_following,
  mirror_refused,
  mirror_lag_seconds,
  mirror_lag_readings,
  mirror_lag_bytes,
  mirror_journal_bytes,
  mirror_owed_ranges,
  mirror_readings,
  mirror_transactions,
  mirror_failures,
  line_fields_passed_over,
  line_units_unknown,
  http_connections,
  http_connections_refused,
  http_requests,
  http_request_seconds,
  access_refused,
  access_limited,
  access_signatures,
  access_signatures_wrong,
  questions_waiting,
  questions_refused,
  log_lines_dropped,
  error_reports,
  process_cpu_seconds,
  process_resident_memory_bytes,
  process_virtual_memory_bytes,
  process_open_fds,
  process_max_fds,
  process_start_time,
  room_average,
  room_last_reading,
  room_metrics_truncated,
  build,           // deprecated
  disk_days_left,  // deprecated
};
inline constexpr std::size_t kMetrics = static_cast<std::size_t>(Metric::disk_days_left) + 1;

inline constexpr std::size_t kMetricLabelsMax = 4;

// A row of the table. All texts are static.
struct MetricFamily {
  Metric metric;
  MetricType type;
  // Whole. By Prometheus' conventions (prometheus.io, "Metric and label naming"): it ends with the base unit where
  // there is one, and with _total when it is a counter's and only then.
  std::string_view name;
  std::string_view unit;                                  // of a sample, in words
  std::array<std::string_view, kMetricLabelsMax> labels;  // their names; empty ones behind the last
  std::string_view help;
  std::string_view look;  // when to look at it; for docs/metrics.md
};

// The row of `metric`. Lifetime: static.
const MetricFamily& family_of(Metric metric);

}  // namespace temperature::telemetry
