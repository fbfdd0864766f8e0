#include "doors/readings_door.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "access/principal.h"
#include "base/json_text.h"
#include "doors/reason.h"
#include "doors/refusals.h"
#include "doors/write_answer.h"
#include "http/problem.h"
#include "http/query.h"
#include "http/request_trace.h"

namespace temperature::doors {
namespace {

constexpr std::string_view kReadingsAddress = "/v1/readings";

enum class Syntax : std::uint8_t { json, ndjson, csv };

// nullopt: a type that this door does not read. What no type is given for is JSON, and so is what curl -d says.
std::optional<Syntax> syntax_of(std::string_view content_type) {
  if (content_type == "application/json") return Syntax::json;  // as most say it
  std::string type(content_type.substr(0, content_type.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (type == "application/x-ndjson" || type == "application/ndjson" || type == "application/jsonl" ||
      type == "application/x-jsonlines") {
    return Syntax::ndjson;
  }
  if (type == "text/csv" || type == "application/csv") return Syntax::csv;
  if (type.empty() || type == "application/json" || type.ends_with("+json") || type == "text/json" ||
      type == "text/plain" || type == "application/x-www-form-urlencoded") {
    return Syntax::json;
  }
  return std::nullopt;
}

// What a request asks for beside its body: why its readings take the places of others, if they do.
Result<std::optional<std::string>> correction_of(const http::Request& request) {
  if (request.query.empty()) return std::nullopt;
  const auto query = http::Query::parse(request.query);
  if (!query) return std::unexpected(query.error());
  if (auto known = query->allow_only({"on_conflict", "reason"}); !known) return std::unexpected(known.error());
  const std::string* const on_conflict = query->find("on_conflict");
  if (on_conflict != nullptr && *on_conflict != "keep" && *on_conflict != "replace") {
    return failure(ErrorCode::parameter_invalid, "on_conflict must be keep or replace");
  }
  auto reason = reason_of(*query);
  if (!reason) return std::unexpected(std::move(reason.error()));
  if (on_conflict != nullptr && *on_conflict == "replace") {
    if (auto may = request.principal->may(access::Need::curate); !may) return std::unexpected(std::move(may.error()));
    return std::move(*reason);
  }
  if (query->find("reason") == nullptr) return std::nullopt;
  return failure(ErrorCode::parameter_invalid, "reason goes with on_conflict=replace");
}

// `may_read`: whether the sender is told which values are stored. `corrects`: whether they could be replaced.
void append_counts(std::string& out, const pipeline::WriteOutcome& outcome, bool may_read, bool corrects) {
  out += R"("accepted":)";
  append_json_number(out, outcome.accepted);
  out += R"(,"duplicates":)";
  append_json_number(out, outcome.duplicates);
  out += R"(,"conflicts":)";
  append_json_number(out, outcome.conflicts);
  if (corrects) {
    out += R"(,"replaced":)";
    append_json_number(out, outcome.replaced);
  }
  out += R"(,"rejected":)";
  append_json_array(out, outcome.rejected_details, [&](const auto& rejected) {
    out += R"({"index":)";
    append_json_number(out, std::uint64_t{rejected.index});
    out += R"(,"code":)";
    append_json_string(out, traits(rejected.error.code).code);
    out += R"(,"detail":)";
    append_json_string(out, rejected.error.detail);
    out.push_back('}');
  });
  out += R"(,"rejected_count":)";
  append_json_number(out, outcome.rejected);
  out += R"(,"conflict_details":)";
  append_json_array(out, outcome.conflict_details, [&](const auto& conflict) {
    out += R"({"index":)";
    append_json_number(out, std::uint64_t{conflict.index});
    if (may_read) {
      out += R"(,"stored":)";
      append_json_number(out, conflict.stored);
    }
    out += R"(,"refused":)";
    append_json_number(out, conflict.refused);
    out.push_back('}');
  });
  out += R"(,"position":)";
  append_json_number(out, outcome.position.value());
}

// What became of a write; worded when the connection's turn has come.
class ReadingsAnswer final : public WriteAnswer {
 public:
  ReadingsAnswer(http::Exchange& exchange, const pipeline::WritePath& write_path, telemetry::Rejects& rejects,
                 bool corrects)
      : WriteAnswer(exchange, write_path), rejects_(rejects), corrects_(corrects) {}

 private:
  void word_outcome(http::Exchange& exchange, Result<pipeline::WriteOutcome>& outcome) override {
    http::Response& response = exchange.response;
    if (!outcome) return http::write_problem(response, outcome.error());
    note_outcome(rejects_, kReadingsAddress, exchange.request, *outcome);
    const bool may_read = this->may_read(*outcome, exchange.request);
    if (nothing_admissible(*outcome)) {
      http::write_problem(response, reason_of(*outcome));
      response.body.back() = ',';  // the problem's members, then the counts
    } else {
      response.body.push_back('{');
    }
    append_counts(response.body, *outcome, may_read, corrects_);
    response.body.push_back('}');
  }

  // Asked only where it matters.
  static bool may_read(const pipeline::WriteOutcome& outcome, const http::Request& request) {
    return !outcome.conflict_details.empty() && request.principal->may(access::Need::read).has_value();
  }

  static bool nothing_admissible(const pipeline::WriteOutcome& outcome) {
    return outcome.rejected > 0 && outcome.position == Position();
  }

  // Why: the credential, when that was what every reading failed for.
  static Error reason_of(const pipeline::WriteOutcome& outcome) {
    if (outcome.rejected == 1 && is_forbidden(outcome.rejected_details.front())) {
      return outcome.rejected_details.front().error;
    }
    if (std::ranges::all_of(outcome.rejected_details, is_forbidden)) {
      return {ErrorCode::forbidden, "the credential allows none of the readings"};
    }
    return {ErrorCode::nothing_admissible, "no reading of the request could be accepted"};
  }
  static bool is_forbidden(const ingest::Rejected& rejected) { return traits(rejected.error.code).http_status == 403; }

  telemetry::Rejects& rejects_;
  const bool corrects_;
};

}  // namespace

void ReadingsDoor::handle(http::Exchange& exchange) {
  std::optional<Scratch>& kept = scratch_[exchange.thread];
  Scratch& scratch = *kept;
  http::Request& request = exchange.request;
  const auto syntax = syntax_of(request.content_type);
  scratch.parsed.clear();
  scratch.parsed.stopping = &write_path_.stopping();
  auto correction = correction_of(request);
  const auto parse = [&]() -> Result<void> {
    if (!correction) return std::unexpected(std::move(correction.error()));
    if (!syntax) {
      return failure(ErrorCode::unsupported_media_type,
                     "readings are taken as application/json, application/x-ndjson or text/csv");
    }
    switch (*syntax) {
      case Syntax::json:
        return scratch.parser.parse(request.body, scratch.parsed);
      case Syntax::ndjson:
        return scratch.parser.parse_lines(request.body, scratch.parsed);
      case Syntax::csv:
        return ingest::parse_csv(request.body, scratch.parsed, unknown_fields_);
    }
    return {};
  };
  auto parsed = parse();
  auto charged =
      exchange.charge(std::max<std::size_t>(scratch.parsed.readings.size() + scratch.parsed.rejected_count, 1));
  if (const Result<void>& failed = charged ? parsed : charged; !failed) {
    rejects_.add(kReadingsAddress, request.sender, 0, failed.error(), request.body, {}, http::trace_of(request));
    http::write_problem(exchange.response, failed.error());
    return exchange.finish();
  }
  const bool give_back = request.body.size() > exchange.scratch_body_bytes;
  const bool corrects = correction->has_value();
  WriteAnswer& answer =
      answer_with(exchange, std::make_unique<ReadingsAnswer>(exchange, write_path_, rejects_, corrects));
  write_path_.write(scratch.parsed, request.sender, answer, &request.principal->permit, std::move(*correction));
  if (give_back) kept.emplace(unknown_fields_);
}

}  // namespace temperature::doors
