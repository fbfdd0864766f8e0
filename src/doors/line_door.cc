#include "doors/line_door.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "base/reject_limits.h"
#include "base/utf8.h"
#include "doors/line_answers.h"
#include "doors/line_conflicts.h"
#include "doors/refusals.h"
#include "doors/write_answer.h"
#include "http/query.h"
#include "http/request_trace.h"
#include "model/name_limits.h"

namespace temperature::doors {
namespace {

// The path may be spelt in other ways that come to the same address.
Dialect dialect_of(const http::Request& request) {
  if (request.path.contains("/api/v3/")) return Dialect::v3;
  return request.path.contains("/api/v2/") ? Dialect::v2 : Dialect::v1;
}

std::string_view address_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::v1:
      break;
    case Dialect::v2:
      return "/api/v2/write";
    case Dialect::v3:
      return "/api/v3/write_lp";
  }
  return "/write";
}

void write_error(http::Response& response, Dialect dialect, const Error& error) {
  switch (dialect) {
    case Dialect::v1:
      return write_error_v1(response, error);
    case Dialect::v2:
      return write_error_v2(response, error);
    case Dialect::v3:
      return write_error_v3(response, error);
  }
}

// The unit of the timestamps. As with InfluxDB, an empty one is none, and version 3 goes by their size then.
Result<mapping::Precision> precision_of(const http::Query& query, Dialect dialect) {
  const std::string* text = query.find("precision");
  if (text == nullptr || text->empty()) {
    return dialect == Dialect::v3 ? mapping::Precision::by_magnitude : mapping::Precision::nanoseconds;
  }
  if (const auto named = mapping::precision_of(*text)) return *named;
  return failure(ErrorCode::parameter_invalid,
                 fmt::format("invalid precision \"{}\": it must be {}", *text, mapping::kPrecisionNames));
}

// Version 3's promises that are not kept here are refused, not passed over. no_sync asks for less than is done.
Result<void> check_promises(const http::Query& query) {
  const std::string* accept_partial = query.find("accept_partial");
  if (accept_partial == nullptr || *accept_partial == "true") return {};
  return failure(ErrorCode::parameter_invalid,
                 *accept_partial == "false"
                     ? "accept_partial=false cannot be kept: here good lines are stored although others are refused, "
                       "and the answer names the refused ones; leave it out"
                     : "accept_partial must be true");
}

// What became of a write; worded when the connection's turn has come.
class LineAnswer final : public WriteAnswer {
 public:
  LineAnswer(http::Exchange& exchange, const pipeline::WritePath& write_path, telemetry::Rejects& rejects,
             const mapping::LineRules& rules, const mapping::DeviceMaps& maps)
      : WriteAnswer(exchange, write_path), rejects_(rejects), rules_(rules), maps_(maps) {}

  // For the text of refused lines.
  [[nodiscard]] bool reads_body() const override { return outcome() && has_refusals(*outcome()); }

 private:
  static bool has_refusals(const pipeline::WriteOutcome& outcome) {
    return outcome.rejected > 0 || outcome.conflicts > 0;
  }

  void word_outcome(http::Exchange& exchange, Result<pipeline::WriteOutcome>& outcome) override {
    const Dialect dialect = dialect_of(exchange.request);
    if (!outcome) return write_error(exchange.response, dialect, outcome.error());
    if (has_refusals(*outcome)) note(exchange.request, dialect, *outcome);
    write_line_outcome(exchange.response, dialect, *outcome);
  }

  void note(http::Request& request, Dialect dialect, pipeline::WriteOutcome& outcome) {
    const auto devices = maps_.current();
    LineConflicts lines(request.body, rules_, *devices, request.principal->permit.sensor);
    for (ingest::Rejected& rejected : outcome.rejected_details) {
      rejected.text = utf8_prefix(lines.line(rejected.index), limits::kRejectTextBytesMax);
    }
    std::size_t explained = 0;
    note_outcome(rejects_, address_of(dialect), request, outcome, [&](const pipeline::Conflict& conflict) {
      ConflictWords words;
      if (explained++ < limits::kLineConflictsExplained) words.more = lines.unused_tags(conflict.index);
      words.text = utf8_prefix(lines.line(conflict.index), limits::kRejectTextBytesMax);
      return words;
    });
  }

  telemetry::Rejects& rejects_;
  const mapping::LineRules& rules_;
  const mapping::DeviceMaps& maps_;
};

}  // namespace

LineDoor::LineDoor(pipeline::WritePath& write_path, const mapping::LineRules& rules, const mapping::DeviceMaps& maps,
                   telemetry::Rejects& rejects, const telemetry::Log& log, std::size_t threads)
    : write_path_(write_path),
      rules_(rules),
      maps_(maps),
      rejects_(rejects),
      name_counts_([&log](std::string_view tag, std::string_view value, std::string_view from) {
        log.warn(
            fmt::format("more than {} sensors have names made from one value of the tag {}: does another of their tags "
                        "change? Then name the tags that do not with --line-sensor-tags",
                        limits::kNamesOfSensorTag, tag),
            {{"value", std::string(value)}, {"tags", std::string(from)}});
      }) {
  for (std::size_t i = 0; i < threads; ++i) scratch_.emplace_back(rules, maps, name_counts_);
}

// Parameters that only say where InfluxDB would put the points (db, rp, org, bucket, ...) are taken and not looked at.
Result<void> LineDoor::read(http::Request& request, Scratch& scratch) {
  const Dialect dialect = dialect_of(request);
  const auto query = http::Query::parse(request.query);
  if (!query) return std::unexpected(query.error());
  const auto precision = precision_of(*query, dialect);
  if (!precision) return std::unexpected(precision.error());
  if (dialect == Dialect::v3) {
    if (auto kept = check_promises(*query); !kept) return kept;
  }
  scratch.parsed.stopping = &write_path_.stopping();
  scratch.mapper.passed_over().begin_body(address_of(dialect), request.sender, rejects_.now());
  const Permit& permit = request.principal->permit;
  const auto passed_over =
      scratch.mapper.map(request.body, *precision, scratch.parsed, permit.sensor, permit.restricts());
  if (!passed_over) return std::unexpected(passed_over.error());
  const auto count = [](std::atomic<std::uint64_t>& figure, std::uint64_t more) {
    if (more > 0) figure.fetch_add(more, std::memory_order_relaxed);
  };
  count(figures_.texts_passed_over, passed_over->texts);
  count(figures_.booleans_passed_over, passed_over->booleans);
  count(figures_.numbers_passed_over, passed_over->numbers);
  count(figures_.fields_left_out, passed_over->left_out);
  count(figures_.units_unknown, passed_over->units);
  if (passed_over->units > 0) note_unknown_unit(passed_over->unit, request);
  return {};
}

void LineDoor::note_unknown_unit(std::string_view unit, http::Request& request) {
  std::string text(utf8_prefix(unit, limits::kUnitBytesMax));
  {
    const std::lock_guard lock(mutex_);
    if (unknown_units_.size() == limits::kUnknownUnitsLogged ||
        std::ranges::find(unknown_units_, text) != unknown_units_.end())
      return;
    unknown_units_.push_back(text);
  }
  rejects_.log().warn("a unit of line protocol is not known: its readings are kept as they are, without a unit",
                      {{"unit", text}, {"door", address_of(dialect_of(request))}, {"sender", request.sender}},
                      http::trace_of(request));
}

std::vector<mapping::PassedOverField> LineDoor::passed_over() const {
  std::vector<mapping::PassedOverField> fields;
  for (const Scratch& scratch : scratch_) {
    auto of_thread = scratch.mapper.passed_over().all();
    std::ranges::move(of_thread, std::back_inserter(fields));
  }
  return fields;
}

void LineDoor::handle(http::Exchange& exchange) {
  Scratch& scratch = scratch_[exchange.thread];
  http::Request& request = exchange.request;
  auto read = this->read(request, scratch);
  auto charged =
      exchange.charge(std::max<std::size_t>(scratch.parsed.readings.size() + scratch.parsed.rejected_count, 1));
  if (const Result<void>& failed = charged ? read : charged; !failed) {
    rejects_.add(address_of(dialect_of(request)), request.sender, 0, failed.error(), request.body, {},
                 http::trace_of(request));
    write_error(exchange.response, dialect_of(request), failed.error());
    scratch.mapper.keep_taken();  // nothing was
    return exchange.finish();
  }
  const bool give_back = request.body.size() > exchange.scratch_body_bytes;
  WriteAnswer& answer =
      answer_with(exchange, std::make_unique<LineAnswer>(exchange, write_path_, rejects_, rules_, maps_));
  write_path_.write(scratch.parsed, request.sender, answer, &request.principal->permit);
  scratch.mapper.keep_taken();  // the exchange may be over
  if (give_back) scratch.parsed = {};
}

}  // namespace temperature::doors
