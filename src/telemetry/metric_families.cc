#include "telemetry/metric_families.h"

#include <algorithm>

// tests/tidy/metrics_page.py makes docs/metrics.md and Datadog's list of metrics out of this table, and reads it as it
// stands here: a row is
// declare(metric, type, name, unit, labels, help, look).
namespace temperature::telemetry {
namespace {

using enum MetricType;
using Labels = std::array<std::string_view, kMetricLabelsMax>;

constexpr MetricFamily declare(Metric metric, MetricType type, std::string_view name, std::string_view unit,
                               Labels labels, std::string_view help, std::string_view look) {
  return {metric, type, name, unit, labels, help, look};
}

constexpr std::array<MetricFamily, kMetrics> kFamilies{{
    declare(Metric::build_info, gauge, "temperature_service_build_info", "", {"version"},
            "1, labelled with the version", "which version runs where, and since when"),
    declare(Metric::target_info, gauge, "target_info", "",
            {"service_name", "service_version", "deployment_environment_name"},
            "1, labelled with what is known of this service as OpenTelemetry names it: the environment is that of "
            "--environment",
            "to tell production from staging: join it on job and instance"),
    declare(Metric::serving, gauge, "temperature_service_serving", "0 or 1", {},
            "1 while the service is neither recovering nor shutting down", "0 for long: it reads a long journal"),
    declare(Metric::writes_refused, gauge, "temperature_service_writes_refused", "0 or 1", {},
            "1 while writes are refused", "1: nothing is stored; /readyz?for=writes says why"),

    declare(Metric::readings, counter, "temperature_service_readings_total", "readings", {"outcome"},
            "Readings, by what became of them: accepted, duplicate, conflict, replaced, rejected",
            "the load; no accepted ones any more: nobody sends"),
    declare(Metric::readings_recovered, counter, "temperature_service_readings_recovered_total", "readings", {},
            "Readings that were delivered again at the start", "how much the last start had to read"),
    declare(Metric::readings_conflicting, counter, "temperature_service_readings_conflicting_total", "readings",
            {"route"}, "Readings for whose series and timestamp another value is stored, by route",
            "two senders under one name"),
    declare(Metric::readings_rejected, counter, "temperature_service_readings_rejected_total", "readings and lines",
            {"reason"}, "Readings and lines that were refused, by reason",
            "rising: somebody sends what cannot be; GET /v1/rejects has who"),
    declare(Metric::series, gauge, "temperature_service_series", "series", {},
            "Series that have readings: sensors of a room times quantities",
            "near --series-max new sensors are refused"),
    declare(Metric::windows, gauge, "temperature_service_windows", "windows", {},
            "Rolling windows that have readings: rooms times quantities", "how large the building is"),
    declare(Metric::window_readings, gauge, "temperature_service_window_readings", "readings", {},
            "Readings kept in memory", "what the memory is for"),
    declare(Metric::window_bytes, gauge, "temperature_service_window_bytes", "bytes", {}, "Memory of the windows",
            "what the memory is for"),
    declare(Metric::unflushed_readings, gauge, "temperature_service_unflushed_readings", "readings", {},
            "Readings in memory that are not in the history yet", "more than 64 million: writes are refused"),

    declare(Metric::journal_writable, gauge, "temperature_service_journal_writable", "0 or 1", {},
            "1 while the journal takes writes", "0: the disk failed or was full; nothing is taken until a restart"),
    declare(Metric::journal_position, gauge, "temperature_service_journal_position", "records", {},
            "The newest durable record", "with history_safe_position: what a start has to read"),
    declare(Metric::journal_released_position, gauge, "temperature_service_journal_released_position", "records", {},
            "Records up to this one are gone", "does not move: the journal grows"),
    declare(Metric::journal_queue_bytes, gauge, "temperature_service_journal_queue_bytes", "bytes", {},
            "Batches that wait for the journal", "high for long: the disk is slower than the senders"),
    declare(Metric::journal_groups, counter, "temperature_service_journal_groups_total", "groups", {},
            "Commit groups: one sync each", "syncs a second"),
    declare(Metric::journal_batches, counter, "temperature_service_journal_batches_total", "batches", {},
            "Batches made durable", "with journal_groups_total: how many share a sync"),
    declare(Metric::journal_written_bytes, counter, "temperature_service_journal_written_bytes_total", "bytes", {},
            "Bytes written to the journal", "the disk's load"),
    declare(Metric::journal_sync_seconds, histogram, "temperature_service_journal_sync_seconds", "seconds", {},
            "Time to write and sync a commit group", "what each acknowledged write waits for: a slow disk shows here"),
    declare(Metric::journal_bytes, gauge, "temperature_service_journal_bytes", "bytes", {},
            "The journal on disk, some seconds ago at most", "grows on and on: flushes fail, or a backup holds it"),

    declare(Metric::history_flushes, counter, "temperature_service_history_flushes_total", "flushes", {},
            "Flushes to the history", "that they go on"),
    declare(Metric::history_flushes_failed, counter, "temperature_service_history_flushes_failed_total", "flushes", {},
            "Flushes to the history that failed", "rising: readings wait in memory and in the journal"),
    declare(Metric::history_readings, counter, "temperature_service_history_readings_total", "readings", {},
            "Readings written to the history", "that they arrive there"),
    declare(Metric::history_readings_expired, counter, "temperature_service_history_readings_expired_total", "readings",
            {}, "Readings that the history forgot because of their age", "what the retention does"),
    declare(Metric::history_chunks_expired, counter, "temperature_service_history_chunks_expired_total", "chunks", {},
            "Chunks in which they were", "what the retention does"),
    declare(Metric::history_damaged, gauge, "temperature_service_history_damaged", "0 or 1", {},
            "1 when a merge of the history met damage: a part of it is merged no more",
            "1: see \"Damage\" in operating.md"),
    declare(Metric::history_safe_position, gauge, "temperature_service_history_safe_position", "records", {},
            "Every record up to this one is in the history", "does not move while the journal's does: flushes fail"),
    declare(Metric::history_bytes, gauge, "temperature_service_history_bytes", "bytes", {},
            "The history on disk, some seconds ago at most", "how fast it grows"),
    declare(Metric::writes_history_failed, counter, "temperature_service_writes_history_failed_total", "writes", {},
            "Writes that were refused because the history could not be asked for their late readings",
            "rising: see \"Damage\" in operating.md"),

    declare(Metric::disk_free_bytes, gauge, "temperature_service_disk_free_bytes", "bytes", {},
            "Space left on the disk", "the space you have"),
    declare(Metric::disk_min_free_bytes, gauge, "temperature_service_disk_min_free_bytes", "bytes", {},
            "Below this writes are refused", "beside disk_free_bytes"),
    declare(Metric::disk_time_left_seconds, gauge, "temperature_service_disk_time_left_seconds", "seconds", {},
            "In how long writes will be refused, at the rate of the last day; NaN while the space does not shrink or "
            "is not watched for an hour yet",
            "the time you have"),
    declare(Metric::memory_limit_bytes, gauge, "temperature_service_memory_limit_bytes", "bytes", {},
            "Memory that the process may have: the machine's, its control group's or that of ulimit -v",
            "beside process_resident_memory_bytes"),
    declare(Metric::clock_unconfirmed, gauge, "temperature_service_clock_unconfirmed", "0 or 1", {},
            "1 while the clock is ahead of the last time that was known, behind it, or not set: nothing is forgotten",
            "1: see \"Clocks\" in operating.md"),
    declare(Metric::retention_waiting_readings, gauge, "temperature_service_retention_waiting_readings", "readings", {},
            "Readings that are about to be forgotten for good, and wait first",
            "not 0: see \"Retention\" in operating.md"),
    declare(Metric::retention_wait_seconds, gauge, "temperature_service_retention_wait_seconds", "seconds", {},
            "How long they still wait", "the time you have to start with a longer --retention"),
    declare(Metric::purges_waiting, gauge, "temperature_service_purges_waiting", "deletions", {},
            "Deletions with a purge whose readings still have bytes in files of the data folder",
            "stays above 0: see \"Deleting for good\" in deleting.md"),
    declare(Metric::backup_last_success, gauge, "temperature_service_backup_last_success_timestamp_seconds",
            "seconds since 1970", {},
            "When the newest backup since the start of the process was taken; 0 when there is none",
            "too old: no backups"),
    declare(Metric::tls_certificate_expiry, gauge, "temperature_service_tls_certificate_expiry_timestamp_seconds",
            "seconds since 1970", {}, "When the certificate that is in use expires; absent without TLS",
            "near: replace the file"),

    declare(Metric::mirror_following, gauge, "temperature_service_mirror_following", "0 or 1", {},
            "1 while the mirror's database takes readings; absent without --timescale-url, as all of the mirror's",
            "0: the database is away or refuses; /v1/admin/mirror says why"),
    declare(Metric::mirror_refused, gauge, "temperature_service_mirror_refused", "0 or 1", {},
            "1 while nothing is written because the database is another's, or ahead",
            "1: somebody has to say what to do; docs/database.md"),
    declare(Metric::mirror_lag_seconds, gauge, "temperature_service_mirror_lag_seconds", "seconds", {},
            "Since when the oldest reading waits that the database has not got",
            "normally below 2; rises while the database is away or too slow"),
    declare(Metric::mirror_lag_readings, gauge, "temperature_service_mirror_lag_readings", "readings", {},
            "Readings of this process that the database has not got, but for owed ranges",
            "how much is to be caught up"),
    declare(Metric::mirror_lag_bytes, gauge, "temperature_service_mirror_lag_bytes", "bytes", {},
            "The journal behind what the database has", "near --mirror-journal-max ranges become owed"),
    declare(Metric::mirror_journal_bytes, gauge, "temperature_service_mirror_journal_bytes", "bytes", {},
            "The journal that is kept for the database", "what it costs on the disk"),
    declare(Metric::mirror_owed_ranges, gauge, "temperature_service_mirror_owed_ranges", "ranges of time of rooms", {},
            "Ranges that are to be written to the database anew", "0 when the database has everything"),
    declare(Metric::mirror_readings, counter, "temperature_service_mirror_readings_total", "readings", {"way"},
            "Readings written to the database: as they came in (stream), or with a range of time (range)",
            "readings a second"),
    declare(Metric::mirror_transactions, counter, "temperature_service_mirror_transactions_total", "transactions", {},
            "Transactions that the database has committed", "with mirror_readings: how large they are"),
    declare(Metric::mirror_failures, counter, "temperature_service_mirror_failures_total", "attempts", {},
            "Attempts that failed and were or will be tried again", "rising: the log says why, once a reason"),

    declare(Metric::line_fields_passed_over, counter, "temperature_service_line_fields_passed_over_total", "fields",
            {"kind"}, "Fields of line protocol that are no readings: string, boolean, attribute, left_out",
            "that nothing is passed over that you want"),
    declare(Metric::line_units_unknown, counter, "temperature_service_line_units_unknown_total", "readings", {},
            "Readings of line protocol whose line names a unit that is not known", "rising: the log names the unit"),

    declare(Metric::http_connections, gauge, "temperature_service_http_connections", "connections", {},
            "Open connections", "how many clients there are"),
    declare(
        Metric::http_connections_refused, counter, "temperature_service_http_connections_refused_total", "connections",
        {"bound"},
        "Connections that were closed at once: beyond a bound of all or of one address, or with a broken PROXY header",
        "rising: --connections-per-address, or too many clients"),
    declare(Metric::http_requests, counter, "temperature_service_http_requests_total", "requests",
            {"route", "method", "status"}, "Requests answered, by route, method and class of status",
            "the load; 5xx: the service's faults and refusals"),
    declare(Metric::http_request_seconds, histogram, "temperature_service_http_request_seconds", "seconds",
            {"route", "method"}, "From the whole request to the first byte of its answer",
            "how long people and senders wait"),
    declare(Metric::access_refused, counter, "temperature_service_access_refused_total", "requests", {"reason"},
            "Requests that were refused for their credential: missing, invalid, expired, forbidden",
            "rising: a sensor with a wrong key, or somebody who tries keys"),
    declare(Metric::access_limited, counter, "temperature_service_access_limited_total", "requests", {"limit"},
            "Requests that were refused because a limit was reached: sensor, key, service, address",
            "rising: a sensor sends too much, or the limit is too low"),
    declare(Metric::access_signatures, counter, "temperature_service_access_signatures_total", "signatures", {},
            "Signatures of tokens that were checked", "CPU time for tokens"),
    declare(Metric::access_signatures_wrong, counter, "temperature_service_access_signatures_wrong_total", "signatures",
            {}, "Of these, wrong ones", "rising: somebody makes tokens up"),
    declare(Metric::questions_waiting, gauge, "temperature_service_questions_waiting", "questions", {},
            "Questions about the past, and lists, that wait for a reader", "high for long: reads are slow"),
    declare(Metric::questions_refused, counter, "temperature_service_questions_refused_total", "questions", {},
            "Questions beyond the bound of those that may wait", "rising: too many questions about the past"),
    declare(Metric::log_lines_dropped, counter, "temperature_service_log_lines_dropped_total", "lines", {},
            "Lines of the log that nobody took in time, or that could not be written", "rising: the log is not read"),
    declare(Metric::error_reports, counter, "temperature_service_error_reports_total", "reports", {"outcome"},
            "Reports of errors and crashes to Sentry, by what became of them; 0 without --sentry-dsn",
            "sent, and what was not: repeated, rate_limited, refused, queue_full, unsent"),

    declare(Metric::process_cpu_seconds, counter, "process_cpu_seconds_total", "seconds", {},
            "CPU time of the process, user and system", "how busy it is"),
    declare(Metric::process_resident_memory_bytes, gauge, "process_resident_memory_bytes", "bytes", {},
            "Memory of the process that is in use",
            "grows with series and with the last 20 minutes, not with the history"),
    declare(Metric::process_virtual_memory_bytes, gauge, "process_virtual_memory_bytes", "bytes", {},
            "Addresses that the process has asked for", "beside ulimit -v"),
    declare(Metric::process_open_fds, gauge, "process_open_fds", "files", {},
            "Open files and sockets, some seconds ago at most", "beside process_max_fds"),
    declare(Metric::process_max_fds, gauge, "process_max_fds", "files", {}, "Files and sockets that it may open",
            "beside process_open_fds"),
    declare(Metric::process_start_time, gauge, "process_start_time_seconds", "seconds since 1970", {},
            "When the process was started", "changes: it was restarted"),

    declare(Metric::room_average, gauge, "temperature_service_room_average", "as the label unit says",
            {"building", "room", "quantity", "unit"},
            "Mean of the readings of the last 15 minutes; absent when there are none", "what the rooms are like"),
    declare(Metric::room_last_reading, gauge, "temperature_service_room_last_reading_timestamp_seconds",
            "seconds since 1970", {"building", "room", "quantity", "unit"}, "When the room's newest reading was taken",
            "long ago: its sensors are silent"),
    declare(Metric::room_metrics_truncated, gauge, "temperature_service_room_metrics_truncated", "0 or 1", {},
            "1 when rooms were left out because there are more than one answer may have: ask for each ?building=",
            "1: make it a scrape for each building"),

    declare(Metric::build, gauge, "temperature_service_build", "", {"version"},
            "deprecated, use temperature_service_build_info; goes in 0.3", "no more"),
    declare(Metric::disk_days_left, gauge, "temperature_service_disk_days_left", "days", {},
            "deprecated, use temperature_service_disk_time_left_seconds; goes in 0.3", "no more"),
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kFamilies.size(); ++i) {
    if (static_cast<std::size_t>(kFamilies[i].metric) != i) return false;
  }
  return true;
}
static_assert(is_in_order(), "a row for each metric, in the order of their declaration");

constexpr bool names_are_by_the_conventions() {
  return std::ranges::all_of(kFamilies, [](const MetricFamily& family) {
    return family.name.ends_with("_total") == (family.type == counter) &&
           (family.type != histogram || family.name.ends_with("_seconds")) && !family.help.empty();
  });
}
static_assert(names_are_by_the_conventions());

}  // namespace

const MetricFamily& family_of(Metric metric) {
  return kFamilies[static_cast<std::size_t>(metric)];
}

}  // namespace temperature::telemetry
