#include "doors/deletion_door.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "access/principal.h"
#include "base/json_text.h"
#include "base/time.h"
#include "doors/reason.h"
#include "http/problem.h"

namespace temperature::doors {
namespace {

Result<bool> flag_of(const http::Query& query, std::string_view name) {
  const std::string* text = query.find(name);
  if (text == nullptr || *text == "false") return false;
  if (*text == "true") return true;
  return failure(ErrorCode::parameter_invalid, fmt::format("{} must be true or false", name));
}

Result<Timestamp> required_moment(const http::Query& query, std::string_view name, Timestamp now) {
  const auto moment = query.moment(name, now);
  if (!moment) return std::unexpected(moment.error());
  if (*moment) return **moment;
  return failure(
      ErrorCode::parameter_missing,
      fmt::format("{} is missing: name the stretch of time whose readings are deleted, from <= timestamp < to", name));
}

std::string text_of(const Deletion& deletion) {
  const Scope& scope = deletion.scope;
  std::string text = fmt::format("building \"{}\", room \"{}\"", scope.building, scope.room);
  if (scope.sensor) text += fmt::format(", sensor \"{}\"", *scope.sensor);
  if (scope.quantity) text += fmt::format(", {}", *scope.quantity);
  return text + fmt::format(", from {} to before {}", format_timestamp(deletion.from), format_timestamp(deletion.to));
}

void write_deleted(http::Response& response, const Result<pipeline::DeletionOutcome>& outcome) {
  if (!outcome) return http::write_problem(response, outcome.error());
  std::string& out = response.body;
  out = R"({"deleted":)";
  if (outcome->deleted) {
    append_json_number(out, *outcome->deleted);
  } else {
    out += "null";
  }
  out += R"(,"position":)";
  append_json_number(out, outcome->position.value());
  if (!outcome->journal.none()) append_json_member(out, "journal_id", outcome->journal.text());
  if (outcome->purge) {
    out += outcome->purge->done ? R"(,"purged":true)" : R"(,"purged":false)";
    if (!outcome->purge->done) append_json_member(out, "purge_waits_for", outcome->purge->waits_for);
  }
  out.push_back('}');
}

// What is answered to a deletion; told of its end on the flusher's thread. The exchange owns it.
class DeletionAnswer final : public pipeline::DeletionListener, public http::Wording {
 public:
  DeletionAnswer(http::Exchange& exchange, Deletion deletion, const telemetry::Log& log, DeletionWords words)
      : exchange_(exchange), deletion_(std::move(deletion)), log_(log), words_(words) {}

  void deleted(Result<pipeline::DeletionOutcome> outcome) override {
    outcome_ = std::move(outcome);
    exchange_.finish();
  }

  void word(http::Exchange& exchange) override {
    words_(exchange.response, *outcome_);
    if (!*outcome_) return;
    const pipeline::DeletionOutcome& done = **outcome_;
    log_.note("readings were deleted", {{"what", text_of(deletion_)},
                                        {"by", deletion_.origin.sender},
                                        {"reason", deletion_.reason},
                                        {"count", done.deleted ? std::to_string(*done.deleted) : "unknown"},
                                        {"position", std::to_string(done.position.value())}});
  }

 private:
  http::Exchange& exchange_;
  const Deletion deletion_;
  const telemetry::Log& log_;
  const DeletionWords words_;
  std::optional<Result<pipeline::DeletionOutcome>> outcome_;
};

}  // namespace

Result<std::string> reason_of(const http::Query& query, bool required) {
  auto reason = reason_of(query);
  if (!reason || !required || reason->find_first_not_of(' ') != std::string::npos) return reason;
  return failure(ErrorCode::parameter_invalid,
                 "reason is missing: this service deletes nothing without one (--require-reasons); say why in the "
                 "parameter reason");
}

Result<void> check_deletion(const pipeline::Pipeline& pipeline, const access::Principal& principal,
                            Deletion& deletion) {
  const pipeline::ReadPath& read_path = pipeline.read_path();
  Scope& scope = deletion.scope;
  if (auto may = check_building(principal.permit, read_path.reading_rules(), scope.building); !may) return may;
  if (pipeline.state().phase() == pipeline::ServiceState::Phase::recovering) {
    return failure(ErrorCode::recovering, "nothing can be deleted yet: the service is recovering");
  }
  if (auto found = read_path.find_names(scope); !found) return found;
  if (read_path.room_ever_known(scope.building, scope.room)) return {};
  return failure(ErrorCode::room_unknown, fmt::format("no reading of room \"{}\" in building \"{}\" was ever accepted",
                                                      scope.room, scope.building));
}

void answer_deletion(pipeline::Pipeline& pipeline, Deletion deletion, http::Exchange& exchange,
                     const telemetry::Log& log, DeletionWords words) {
  auto answer = std::make_unique<DeletionAnswer>(exchange, deletion, log, words);
  DeletionAnswer& told = *answer;
  exchange.wording = std::move(answer);
  pipeline.deletion_path().remove(std::move(deletion), told);
}

Result<DeletionDoor::Asked> DeletionDoor::read(const http::Request& request) const {
  const auto query = http::Query::parse(request.query);
  if (!query) return std::unexpected(query.error());
  auto known =
      query->allow_only({"building", "room", "sensor", "quantity", "from", "to", "reason", "dry_run", "purge"});
  if (!known) return std::unexpected(std::move(known.error()));
  Asked asked;
  Deletion& deletion = asked.deletion;
  deletion.origin = {clock_.now(), request.sender};
  auto building = query->name_or("building", default_building_);
  auto room = query->required_name("room");
  auto sensor = query->optional_name("sensor");
  auto quantity = query->optional_name("quantity");
  for (const auto* each : {&building, &room}) {
    if (!*each) return std::unexpected(each->error());
  }
  for (const auto* each : {&sensor, &quantity}) {
    if (!*each) return std::unexpected(each->error());
  }
  deletion.scope = {std::move(*building), std::move(*room), std::move(*sensor), std::move(*quantity)};
  const Timestamp now = clock_.now();
  const auto from = required_moment(*query, "from", now);
  if (!from) return std::unexpected(from.error());
  const auto to = required_moment(*query, "to", now);
  if (!to) return std::unexpected(to.error());
  if (*from >= *to) return failure(ErrorCode::parameter_invalid, "from must be before to");
  deletion.from = *from;
  deletion.to = *to;
  const auto dry_run = flag_of(*query, "dry_run");
  if (!dry_run) return std::unexpected(dry_run.error());
  asked.dry_run = *dry_run;
  auto reason = reason_of(*query, require_reasons_ && !asked.dry_run);
  if (!reason) return std::unexpected(std::move(reason.error()));
  deletion.reason = std::move(*reason);
  const auto purge = flag_of(*query, "purge");
  if (!purge) return std::unexpected(purge.error());
  deletion.purge = *purge;

  if (auto may = check_deletion(pipeline_, *request.principal, deletion); !may) {
    return std::unexpected(std::move(may.error()));
  }
  return asked;
}

void DeletionDoor::handle(http::Exchange& exchange) {
  auto asked = read(exchange.request);
  if (!asked) {
    http::write_problem(exchange.response, asked.error());
    return exchange.finish();
  }
  if (!asked->dry_run) {
    return answer_deletion(pipeline_, std::move(asked->deletion), exchange, log_, write_deleted);
  }
  answer_on(readers_, exchange,
            [this, deletion = std::move(asked->deletion)](http::Response& response) -> Result<void> {
              const auto count = pipeline_.deletion_path().count(deletion);
              if (!count) return std::unexpected(count.error());
              response.body = fmt::format(R"({{"deleted":{},"dry_run":true,"from":"{}","to":"{}"}})", *count,
                                          format_timestamp(deletion.from), format_timestamp(deletion.to));
              return {};
            });
}

}  // namespace temperature::doors
