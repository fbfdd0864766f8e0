#include "doors/status_doors.h"

#include "base/json_text.h"
#include "http/problem.h"
#include "http/query.h"
#include "http/router.h"
#include "telemetry/metrics_page.h"

namespace temperature::doors {
namespace {

// The phase is read once: it may change between two looks.
struct PipelineState {
  explicit PipelineState(const pipeline::Pipeline& pipeline)
      : phase(pipeline.state().phase()), refused(pipeline.refuses_writes()) {
    if (phase != pipeline::ServiceState::Phase::serving && !refused) {
      refused = Error{ErrorCode::recovering, "the service is recovering"};  // and has just finished
    }
  }
  [[nodiscard]] bool serving() const { return phase == pipeline::ServiceState::Phase::serving; }

  pipeline::ServiceState::Phase phase;
  std::optional<Error> refused;  // always there when not serving
};

using telemetry::Labels;
using telemetry::MetricsPage;

double number(std::uint64_t value) {
  return static_cast<double>(value);
}

void add_pipeline(MetricsPage& page, const pipeline::PipelineFigures& figures) {
  constexpr std::string_view kReadings = "readings_total";
  constexpr std::string_view kReadingsHelp = "Readings, by what became of them";
  page.counter(kReadings, kReadingsHelp, number(figures.readings_accepted), {{"outcome", "accepted"}});
  page.counter(kReadings, kReadingsHelp, number(figures.readings_duplicate), {{"outcome", "duplicate"}});
  page.counter(kReadings, kReadingsHelp, number(figures.readings_conflict), {{"outcome", "conflict"}});
  page.counter(kReadings, kReadingsHelp, number(figures.readings_rejected), {{"outcome", "rejected"}});
  page.counter("readings_recovered_total", "Readings that were delivered again at the start",
               number(figures.readings_recovered));
  page.gauge("series", "Series known", number(figures.series));
  page.gauge("windows", "Rolling windows: rooms times quantities", number(figures.windows));
  page.gauge("window_readings", "Readings kept in memory", number(figures.readings_in_windows));
  page.gauge("window_bytes", "Memory of the windows", number(figures.window_bytes));
  page.gauge("unflushed_readings", "Readings in memory that are not in the history yet",
             number(figures.readings_unflushed));
  page.counter("history_flushes_total", "Flushes to the history", number(figures.flushes));
  page.counter("history_flushes_failed_total", "Flushes to the history that failed", number(figures.flushes_failed));
  page.counter("history_readings_total", "Readings written to the history", number(figures.readings_flushed));
  page.counter("history_readings_expired_total", "Readings that the history forgot because of their age",
               number(figures.readings_expired));
  page.counter("history_chunks_expired_total", "Chunks in which they were", number(figures.chunks_expired));
  page.counter("writes_history_failed_total",
               "Writes that were refused because the history could not be asked for their late readings",
               number(figures.look_ups_failed));
  page.gauge("history_damaged", "1 when a merge of the history met damage: a part of it is merged no more",
             figures.history_damaged ? 1 : 0);
  page.gauge("disk_free_bytes", "Space left on the disk", number(figures.disk_free));
  page.gauge("disk_min_free_bytes", "Below this writes are refused", number(figures.disk_min_free));
  if (figures.disk_days_left >= 0) {
    page.gauge("disk_days_left", "In how many days writes will be refused, at the rate of the last day",
               figures.disk_days_left);
  }
  page.gauge("clock_unconfirmed",
             "1 while the clock is ahead of the last time that was known, behind it, or not set: nothing is forgotten",
             figures.clock == pipeline::ClockState::right ? 0 : 1);
  page.gauge("retention_waiting_readings", "Readings that are about to be forgotten for good, and wait first",
             number(figures.retention_waiting));
  page.gauge("retention_wait_seconds", "How long they still wait", figures.retention_wait_seconds);
  page.gauge("history_safe_position", "Every record up to this one is in the history",
             number(figures.history_safe.value()));
}

void add_rejections(MetricsPage& page, const pipeline::PipelineFigures& figures, const LineFigures& lines,
                    const telemetry::Rejects& rejects) {
  for (const auto& [door, count] : rejects.conflicts_by_door()) {
    page.counter("readings_conflicting_total",
                 "Readings for whose series and timestamp another value is stored, by route", number(count),
                 {{"route", std::string(door)}});
  }
  for (std::size_t code = 0; code < kErrorCodes; ++code) {
    const auto count = figures.rejected_by_code[code];
    if (count == 0) continue;
    page.counter("readings_rejected_total", "Readings and lines that were refused, by reason", number(count),
                 {{"reason", std::string(traits(static_cast<ErrorCode>(code)).code)}});
  }
  const auto passed_over = [&page](std::string_view kind, const std::atomic<std::uint64_t>& count) {
    page.counter("line_fields_passed_over_total", "Fields of line protocol that are no readings", number(count.load()),
                 {{"kind", std::string(kind)}});
  };
  passed_over("string", lines.texts_passed_over);
  passed_over("boolean", lines.booleans_passed_over);
  passed_over("attribute", lines.numbers_passed_over);
  passed_over("left_out", lines.fields_left_out);
  page.counter("line_units_unknown_total", "Readings of line protocol whose line names a unit that is not known",
               number(lines.units_unknown.load()));
}

void add_journal(MetricsPage& page, const journal::JournalStatus& status, const journal::JournalFigures& figures) {
  page.gauge("journal_writable", "1 while the journal takes writes", status.writable ? 1 : 0);
  page.gauge("journal_position", "The newest durable record", number(status.last.value()));
  page.gauge("journal_released_position", "Records up to this one are gone", number(status.released.value()));
  page.gauge("journal_queue_bytes", "Batches that wait for the journal", number(status.queue_bytes));
  page.counter("journal_groups_total", "Commit groups: one sync each", number(figures.groups.load()));
  page.counter("journal_batches_total", "Batches made durable", number(figures.batches.load()));
  page.counter("journal_written_bytes_total", "Bytes written", number(figures.bytes.load()));
  page.seconds("journal_sync_seconds", "Time to write and sync a commit group", figures.sync_ns.snapshot());
}

void add_route(MetricsPage& page, const http::RouteFigures& figures, const Labels& route) {
  for (std::size_t status_class = 1; status_class < figures.by_class.size(); ++status_class) {
    const auto count = figures.by_class[status_class].load(std::memory_order_relaxed);
    // Each route has its line from the start: that there was no request yet is known, too.
    if (count == 0 && (status_class != 2 || route.front().second.empty())) continue;
    Labels labels = route;
    labels.emplace_back("status", std::to_string(status_class) + "xx");
    page.counter("http_requests_total", "Requests answered", number(count), labels);
  }
}

void add_http(MetricsPage& page, const http::Server& server) {
  page.gauge("http_connections", "Open connections", number(server.connections()));
  constexpr std::string_view kRefused = "http_connections_refused_total";
  constexpr std::string_view kRefusedHelp =
      "Connections that were closed at once: beyond a bound of all or of one address, or with a broken PROXY header";
  page.counter(kRefused, kRefusedHelp, number(server.connections_refused()), {{"bound", "all"}});
  page.counter(kRefused, kRefusedHelp, number(server.connections_refused_of_address()), {{"bound", "address"}});
  page.counter(kRefused, kRefusedHelp, number(server.connections_refused_of_proxies()), {{"bound", "proxy_header"}});
  const http::Router& router = server.router();
  const auto labels = [](const http::Router::Entry& entry) {
    return Labels{{"route", std::string(entry.route.path)}, {"method", std::string(method_name(entry.route.method))}};
  };
  for (const auto& entry : router.entries()) add_route(page, entry.figures, labels(entry));
  add_route(page, router.unrouted, {{"route", ""}, {"method", ""}});
  for (const auto& entry : router.entries()) {
    const auto durations = entry.figures.duration_ns.snapshot();
    if (durations.count == 0) continue;
    page.seconds("http_request_seconds", "From the whole request to the first byte of its answer", durations,
                 labels(entry));
  }
}

void add_access(MetricsPage& page, const access::GateFigures& figures) {
  constexpr std::string_view kRefused = "access_refused_total";
  constexpr std::string_view kRefusedHelp = "Requests that were refused for their credential, by reason";
  const auto refused = [&](std::string_view reason, const std::atomic<std::uint64_t>& count) {
    page.counter(kRefused, kRefusedHelp, number(count.load()), {{"reason", std::string(reason)}});
  };
  refused("missing", figures.missing);
  refused("invalid", figures.invalid);
  refused("expired", figures.expired);
  refused("forbidden", figures.forbidden);
  for (std::size_t kind = 0; kind < access::kLimits; ++kind) {
    page.counter("access_limited_total", "Requests that were refused because a limit was reached",
                 number(figures.limited[kind].load()),
                 {{"limit", std::string(limit_name(static_cast<access::LimitKind>(kind)))}});
  }
  page.counter("access_signatures_total", "Signatures of tokens that were checked", number(figures.signatures.load()));
  page.counter("access_signatures_wrong_total", "Of these, wrong ones", number(figures.signatures_wrong.load()));
}

void write_state(http::Response& response, std::string_view status, std::string_view detail) {
  response.body = R"({"status":)";
  append_json_string(response.body, status);
  if (!detail.empty()) {
    response.body += R"(,"detail":)";
    append_json_string(response.body, detail);
  }
}

void add_error_reports(MetricsPage& page, const reports::ReportFigures& figures) {
  const auto add = [&page](const std::string& outcome, const std::atomic<std::uint64_t>& count) {
    page.counter("error_reports_total", "Reports of errors and crashes, by what became of them",
                 static_cast<double>(count.load()), {{"outcome", outcome}});
  };
  add("sent", figures.sent);
  add("repeated", figures.repeated);
  add("queue_full", figures.queue_full);
  add("rate_limited", figures.rate_limited);
  add("refused", figures.refused);
  add("unsent", figures.unsent);
}

}  // namespace

void LivezDoor::handle(http::Exchange& exchange) {
  exchange.response.body = R"({"status":"alive"})";
  exchange.finish();
}

void ReadyzDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  const auto query = http::Query::parse(exchange.request.query);
  const auto known = query ? query->allow_only({"for"}) : std::unexpected(query.error());
  const std::string* purpose = query ? query->find("for") : nullptr;
  if (!known) {
    http::write_problem(response, known.error());
    return exchange.finish();
  }
  if (purpose != nullptr && *purpose != "writes" && *purpose != "reads") {
    http::write_problem(response, {ErrorCode::parameter_invalid, "for must be reads or writes"});
    return exchange.finish();
  }
  const PipelineState state(pipeline_);
  // Without its folder it answers from memory at best.
  const bool lost = state.refused && state.refused->code == ErrorCode::data_folder_lost;
  const bool reads = purpose == nullptr || *purpose == "reads";
  const bool ready = state.serving() && !lost && (reads || !state.refused);
  response.status = ready ? 200 : 503;
  write_state(response, ready ? "ready" : traits(state.refused->code).code, ready ? "" : state.refused->detail);
  if (state.phase == pipeline::ServiceState::Phase::recovering) {
    response.body += R"(,"recovered_readings":)";
    append_json_number(response.body, pipeline_.state().recovered());
  }
  response.body.push_back('}');
  if (!ready) http::add_retry_after(response, state.refused->code);
  exchange.finish();
}

void HealthzDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  const PipelineState state(pipeline_);
  const auto& refused = state.refused;
  const pipeline::PipelineFigures figures = pipeline_.figures();
  response.status = state.serving() ? 200 : 503;
  const pipeline::KnownTime::Look clock = pipeline_.clock();
  write_state(response, !refused ? "ok" : (state.serving() ? "read_only" : traits(refused->code).code),
              refused ? refused->detail : clock.words());
  response.body += R"(,"clock":)";
  append_json_string(response.body, pipeline::name_of(clock.state));
  response.body += R"(,"version":)";
  append_json_string(response.body, version_);
  const auto member = [&response](std::string_view name, std::uint64_t value) {
    response.body += ",\"";
    response.body += name;
    response.body += "\":";
    append_json_number(response.body, value);
  };
  member("series", figures.series);
  member("position", figures.journal.last.value());
  member("history_position", figures.history_safe.value());
  member("unflushed_readings", figures.readings_unflushed);
  response.body.push_back('}');
  exchange.finish();
}

void MetricsDoor::handle(http::Exchange& exchange) {
  MetricsPage page;
  page.gauge("build", "1, labelled with the version", 1, {{"version", version_}});
  page.gauge("serving", "1 while the service is neither recovering nor shutting down",
             pipeline_.state().phase() == pipeline::ServiceState::Phase::serving ? 1 : 0);
  page.gauge("writes_refused", "1 while writes are refused", pipeline_.refuses_writes() ? 1 : 0);
  const pipeline::PipelineFigures figures = pipeline_.figures();
  add_pipeline(page, figures);
  add_rejections(page, figures, lines_, rejects_);
  add_journal(page, figures.journal, journal_.figures());
  page.gauge("history_bytes", "The history on disk, some seconds ago at most", number(looked_at_.history_bytes.load()));
  page.gauge("journal_bytes", "The journal on disk, some seconds ago at most", number(looked_at_.journal_bytes.load()));
  add_http(page, server_);
  add_access(page, gate_.figures());
  page.gauge("questions_waiting", "Questions that wait for a reader", static_cast<double>(readers_.waiting()));
  page.counter("questions_refused_total", "Questions beyond the bound", static_cast<double>(readers_.refused()));
  page.counter("log_lines_dropped_total", "Lines of the log that nobody took in time, or that could not be written",
               static_cast<double>(log_.dropped()));
  if (report_figures_ != nullptr) add_error_reports(page, *report_figures_);
  telemetry::add_process_metrics(page, looked_at_.open_files.load());
  exchange.response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  exchange.response.body = page.text();
  exchange.finish();
}

}  // namespace temperature::doors
