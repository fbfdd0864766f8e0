#include "doors/metrics_door.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "base/time.h"
#include "http/field_list.h"
#include "http/router.h"
#include "telemetry/metrics_page.h"

namespace temperature::doors {
namespace {

using telemetry::Exposition;
using telemetry::Metric;
using telemetry::MetricsPage;

double number(std::uint64_t value) {
  return static_cast<double>(value);
}

double is_true(bool value) {
  return value ? 1 : 0;
}

double seconds_since_1970(Timestamp moment) {
  return static_cast<double>(to_ms(moment)) / 1'000;
}

void add_service(MetricsPage& page, const MetricsSources& sources) {
  page.add(Metric::build_info, 1, {sources.version});
  page.add(Metric::build, 1, {sources.version});
  constexpr std::string_view kName = "temperature-service";
  if (sources.environment.empty()) {
    page.add(Metric::target_info, 1, {kName, sources.version});
  } else {
    page.add(Metric::target_info, 1, {kName, sources.version, sources.environment});
  }
  const bool serving = sources.pipeline.state().phase() == pipeline::ServiceState::Phase::serving;
  page.add(Metric::serving, is_true(serving));
  page.add(Metric::writes_refused, is_true(sources.pipeline.refuses_writes().has_value()));
}

void add_pipeline(MetricsPage& page, const pipeline::PipelineFigures& figures) {
  page.add(Metric::readings, number(figures.readings_accepted), {"accepted"});
  page.add(Metric::readings, number(figures.readings_duplicate), {"duplicate"});
  page.add(Metric::readings, number(figures.readings_conflict), {"conflict"});
  page.add(Metric::readings, number(figures.readings_replaced), {"replaced"});
  page.add(Metric::readings, number(figures.readings_rejected), {"rejected"});
  page.add(Metric::readings_recovered, number(figures.readings_recovered));
  page.add(Metric::series, number(figures.series));
  page.add(Metric::windows, number(figures.windows));
  page.add(Metric::window_readings, number(figures.readings_in_windows));
  page.add(Metric::window_bytes, number(figures.window_bytes));
  page.add(Metric::unflushed_readings, number(figures.readings_unflushed));
  page.add(Metric::history_flushes, number(figures.flushes));
  page.add(Metric::history_flushes_failed, number(figures.flushes_failed));
  page.add(Metric::history_readings, number(figures.readings_flushed));
  page.add(Metric::history_readings_expired, number(figures.readings_expired));
  page.add(Metric::history_chunks_expired, number(figures.chunks_expired));
  page.add(Metric::writes_history_failed, number(figures.look_ups_failed));
  page.add(Metric::history_damaged, is_true(figures.history_damaged));
  page.add(Metric::history_safe_position, number(figures.history_safe.value()));
  page.add(Metric::clock_unconfirmed, is_true(figures.clock != pipeline::ClockState::right));
  page.add(Metric::retention_waiting_readings, number(figures.retention_waiting));
  page.add(Metric::retention_wait_seconds, figures.retention_wait_seconds);
  page.add(Metric::purges_waiting, number(figures.purges_waiting));
}

void add_disk(MetricsPage& page, const pipeline::PipelineFigures& figures) {
  constexpr double kDaySeconds = std::chrono::seconds(std::chrono::days(1)).count();
  page.add(Metric::disk_free_bytes, number(figures.disk_free));
  page.add(Metric::disk_min_free_bytes, number(figures.disk_min_free));
  const bool known = figures.disk_days_left >= 0;
  page.add(Metric::disk_time_left_seconds,
           known ? figures.disk_days_left * kDaySeconds : std::numeric_limits<double>::quiet_NaN());
  if (known) page.add(Metric::disk_days_left, figures.disk_days_left);
}

void add_rejections(MetricsPage& page, const pipeline::PipelineFigures& figures, const MetricsSources& sources) {
  for (const auto& [door, count] : sources.rejects.conflicts_by_door()) {
    page.add(Metric::readings_conflicting, number(count), {door});
  }
  for (std::size_t code = 0; code < kErrorCodes; ++code) {
    const auto count = figures.rejected_by_code[code];
    if (count == 0) continue;
    page.add(Metric::readings_rejected, number(count), {traits(static_cast<ErrorCode>(code)).code});
  }
  const LineFigures& lines = sources.lines;
  page.add(Metric::line_fields_passed_over, number(lines.texts_passed_over.load()), {"string"});
  page.add(Metric::line_fields_passed_over, number(lines.booleans_passed_over.load()), {"boolean"});
  page.add(Metric::line_fields_passed_over, number(lines.numbers_passed_over.load()), {"attribute"});
  page.add(Metric::line_fields_passed_over, number(lines.fields_left_out.load()), {"left_out"});
  page.add(Metric::line_units_unknown, number(lines.units_unknown.load()));
}

void add_journal(MetricsPage& page, const journal::JournalStatus& status, const journal::JournalFigures& figures) {
  page.add(Metric::journal_writable, is_true(status.writable));
  page.add(Metric::journal_position, number(status.last.value()));
  page.add(Metric::journal_released_position, number(status.released.value()));
  page.add(Metric::journal_queue_bytes, number(status.queue_bytes));
  page.add(Metric::journal_groups, number(figures.groups.load()));
  page.add(Metric::journal_batches, number(figures.batches.load()));
  page.add(Metric::journal_written_bytes, number(figures.bytes.load()));
  page.add(Metric::journal_sync_seconds, figures.sync_ns.snapshot());
}

void add_route(MetricsPage& page, const http::RouteFigures& figures, std::string_view route, std::string_view method) {
  constexpr std::array<std::string_view, 6> kClasses{"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t status_class = 1; status_class < kClasses.size(); ++status_class) {
    const auto count = figures.by_class[status_class].load(std::memory_order_relaxed);
    // Each route has these from the start: that there was none yet is known, too, and the first ones are an increase.
    const bool always = !route.empty() && (status_class == 2 || status_class == 5);
    if (count == 0 && !always) continue;
    page.add(Metric::http_requests, number(count), {route, method, kClasses[status_class]});
  }
}

void add_http(MetricsPage& page, const http::Server& server) {
  page.add(Metric::http_connections, number(server.connections()));
  page.add(Metric::http_connections_refused, number(server.connections_refused()), {"all"});
  page.add(Metric::http_connections_refused, number(server.connections_refused_of_address()), {"address"});
  page.add(Metric::http_connections_refused, number(server.connections_refused_of_proxies()), {"proxy_header"});
  const http::Router& router = server.router();
  for (const auto& entry : router.entries()) {
    add_route(page, entry.figures, entry.route.path, method_name(entry.route.method));
  }
  add_route(page, router.unrouted, {}, {});
  for (const auto& entry : router.entries()) {
    const auto durations = entry.figures.duration_ns.snapshot();
    if (durations.count == 0) continue;
    page.add(Metric::http_request_seconds, durations, {entry.route.path, method_name(entry.route.method)});
  }
}

void add_access(MetricsPage& page, const access::GateFigures& figures) {
  page.add(Metric::access_refused, number(figures.missing.load()), {"missing"});
  page.add(Metric::access_refused, number(figures.invalid.load()), {"invalid"});
  page.add(Metric::access_refused, number(figures.expired.load()), {"expired"});
  page.add(Metric::access_refused, number(figures.forbidden.load()), {"forbidden"});
  for (std::size_t kind = 0; kind < access::kLimits; ++kind) {
    page.add(Metric::access_limited, number(figures.limited[kind].load()),
             {limit_name(static_cast<access::LimitKind>(kind))});
  }
  page.add(Metric::access_signatures, number(figures.signatures.load()));
  page.add(Metric::access_signatures_wrong, number(figures.signatures_wrong.load()));
}

// Without a DSN nothing is reported: then they are all 0.
void add_error_reports(MetricsPage& page, const reports::ReportFigures* figures) {
  const auto add = [&page, figures](std::string_view outcome,
                                    std::atomic<std::uint64_t> reports::ReportFigures::* count) {
    page.add(Metric::error_reports, figures == nullptr ? 0 : number((figures->*count).load()), {outcome});
  };
  add("sent", &reports::ReportFigures::sent);
  add("repeated", &reports::ReportFigures::repeated);
  add("queue_full", &reports::ReportFigures::queue_full);
  add("rate_limited", &reports::ReportFigures::rate_limited);
  add("refused", &reports::ReportFigures::refused);
  add("unsent", &reports::ReportFigures::unsent);
}

void add_mirror(MetricsPage& page, const mirror::MirrorStatus& status) {
  page.add(Metric::mirror_following,
           is_true(status.phase == mirror::Phase::following || status.phase == mirror::Phase::copying));
  page.add(Metric::mirror_refused, is_true(status.phase == mirror::Phase::refused));
  page.add(Metric::mirror_lag_seconds, status.lag_seconds);
  page.add(Metric::mirror_lag_readings, number(status.lag_readings));
  page.add(Metric::mirror_lag_bytes, number(status.lag_bytes));
  page.add(Metric::mirror_journal_bytes, number(status.journal_bytes));
  page.add(Metric::mirror_owed_ranges, number(status.owed_ranges));
  page.add(Metric::mirror_readings, number(status.rows - status.owed_rows), {"stream"});
  page.add(Metric::mirror_readings, number(status.owed_rows), {"range"});
  page.add(Metric::mirror_transactions, number(status.batches));
  page.add(Metric::mirror_failures, number(status.failures));
}

// What an element of Accept wants of a format.
struct Wish {
  std::string_view type;
  std::string_view version;  // empty: any
  double weight = 1;
};

Wish read_wish(std::string_view element) {
  const auto take = [&element] {
    const std::size_t end = element.find(';');
    const std::string_view taken = http::trim_blanks(element.substr(0, end));
    element = end == std::string_view::npos ? std::string_view() : element.substr(end + 1);
    return taken;
  };
  Wish wish{.type = take(), .version = {}};
  while (!element.empty()) {
    const std::string_view parameter = take();
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = parameter.substr(0, equals);
    const std::string_view value = parameter.substr(equals + 1);
    if (http::equal_without_case(name, "version")) wish.version = value;
    if (!http::equal_without_case(name, "q")) continue;
    wish.weight = 0;  // when it cannot be read
    std::from_chars(value.data(), value.data() + value.size(), wish.weight);
  }
  return wish;
}

}  // namespace

Exposition exposition_for(std::string_view accept) {
  double text = 0;
  double openmetrics = 0;
  for (std::string_view rest = accept; rest.data() != nullptr;) {
    const Wish wish = read_wish(http::take_element(rest));
    const bool is_first_version = wish.version.empty() || wish.version == "1.0.0" || wish.version == "0.0.1";
    if (http::equal_without_case(wish.type, "application/openmetrics-text") && is_first_version) {
      openmetrics = std::max(openmetrics, wish.weight);
    } else if (http::equal_without_case(wish.type, "text/plain")) {
      text = std::max(text, wish.weight);
    }
  }
  return openmetrics > 0 && openmetrics >= text ? Exposition::openmetrics : Exposition::text;
}

MetricsDoor::MetricsDoor(MetricsSources sources)
    : sources_(std::move(sources)), start_seconds_(telemetry::process_start_seconds()) {}

void MetricsDoor::handle(http::Exchange& exchange) {
  const Exposition exposition = exposition_for(exchange.request.accept);
  MetricsPage page(exposition);
  add_service(page, sources_);
  const pipeline::PipelineFigures figures = sources_.pipeline.figures();
  add_pipeline(page, figures);
  add_disk(page, figures);
  add_rejections(page, figures, sources_);
  add_journal(page, figures.journal, sources_.journal.figures());
  page.add(Metric::history_bytes, number(sources_.looked_at.history_bytes.load()));
  page.add(Metric::journal_bytes, number(sources_.looked_at.journal_bytes.load()));
  const auto backup = sources_.backups.last_success();
  page.add(Metric::backup_last_success, backup ? seconds_since_1970(*backup) : 0);
  if (sources_.tls != nullptr) {
    page.add(Metric::tls_certificate_expiry, seconds_since_1970(sources_.tls->expires()));
  }
  add_http(page, sources_.server);
  add_access(page, sources_.gate.figures());
  page.add(Metric::questions_waiting, number(sources_.readers.waiting()));
  page.add(Metric::questions_refused, number(sources_.readers.refused()));
  page.add(Metric::log_lines_dropped, number(sources_.log.dropped()));
  add_error_reports(page, sources_.report_figures);
  if (sources_.mirror != nullptr) add_mirror(page, sources_.mirror->status());
  page.add(Metric::memory_limit_bytes, number(sources_.memory_bytes_max));
  telemetry::add_process_metrics(page, sources_.looked_at.open_files.load(), start_seconds_);
  exchange.response.content_type = content_type_of(exposition);
  exchange.response.body = page.finish();
  exchange.finish();
}

}  // namespace temperature::doors
