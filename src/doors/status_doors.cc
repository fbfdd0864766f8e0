#include "doors/status_doors.h"

#include "base/json_text.h"
#include "doors/mirror_doors.h"
#include "http/problem.h"
#include "http/query.h"

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

void write_state(http::Response& response, std::string_view status, std::string_view detail) {
  response.body = R"({"status":)";
  append_json_string(response.body, status);
  if (!detail.empty()) {
    response.body += R"(,"detail":)";
    append_json_string(response.body, detail);
  }
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
  append_json_member(response.body, "clock", pipeline::name_of(clock.state));
  append_json_member(response.body, "version", version_);
  append_json_member(response.body, "series", figures.series);
  append_json_member(response.body, "journal_id", pipeline_.journal_id().text());
  append_json_member(response.body, "position", figures.journal.last.value());
  append_json_member(response.body, "history_position", figures.history_safe.value());
  append_json_member(response.body, "unflushed_readings", figures.readings_unflushed);
  append_mirror_summary(response.body, mirror_);
  response.body.push_back('}');
  exchange.finish();
}

}  // namespace temperature::doors
