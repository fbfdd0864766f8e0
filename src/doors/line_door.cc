#include "doors/line_door.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/reject_limits.h"
#include "doors/line_answers.h"
#include "http/query.h"
#include "model/name_limits.h"

namespace temperature::doors {
namespace {

Dialect dialect_of(const http::Request& request) {
  return request.path == "/write" ? Dialect::v1 : Dialect::v2;
}

std::string_view address_of(Dialect dialect) {
  return dialect == Dialect::v1 ? "/write" : "/api/v2/write";
}

void write_error(http::Response& response, Dialect dialect, const Error& error) {
  dialect == Dialect::v1 ? write_error_v1(response, error) : write_error_v2(response, error);
}

// Answers when the write is over; then deletes itself.
class LineAnswer final : public pipeline::WriteListener {
 public:
  LineAnswer(http::Exchange& exchange, telemetry::Rejects& rejects) : exchange_(exchange), rejects_(rejects) {}

  void written(Result<pipeline::WriteOutcome> outcome) override {
    const http::Request& request = exchange_.request;
    const Dialect dialect = dialect_of(request);
    if (!outcome) {
      write_error(exchange_.response, dialect, outcome.error());
    } else {
      for (ingest::Rejected& rejected : outcome->rejected_details) {
        rejected.text = line_of(request.body, rejected.index).substr(0, limits::kRejectTextBytesMax);
        rejects_.add(address_of(dialect), request.sender, std::uint64_t{rejected.index} + 1, rejected.error,
                     rejected.text);
      }
      write_line_outcome(exchange_.response, dialect, *outcome);
    }
    http::Exchange& exchange = exchange_;
    delete this;
    exchange.finish();
  }

 private:
  http::Exchange& exchange_;
  telemetry::Rejects& rejects_;
};

}  // namespace

LineDoor::LineDoor(pipeline::WritePath& write_path, const mapping::LineRules& rules, const mapping::DeviceMaps& maps,
                   telemetry::Rejects& rejects, const telemetry::Log& log, std::size_t threads)
    : write_path_(write_path),
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
Result<void> LineDoor::read(const http::Request& request, Scratch& scratch) {
  mapping::Precision precision = mapping::Precision::nanoseconds;
  if (!request.query.empty()) {
    const auto query = http::Query::parse(request.query);
    if (!query) return std::unexpected(query.error());
    if (const std::string* text = query->find("precision"); text != nullptr && !text->empty()) {
      const auto named = mapping::precision_of(*text);
      if (!named) {
        return failure(ErrorCode::parameter_invalid,
                       fmt::format("invalid precision \"{}\": it must be ns, us, ms, s, m or h", *text));
      }
      precision = *named;
    }
  }
  const auto passed_over =
      scratch.mapper.map(request.body, precision, scratch.parsed, request.principal->permit.sensor);
  if (!passed_over) return std::unexpected(passed_over.error());
  const auto count = [](std::atomic<std::uint64_t>& figure, std::uint64_t more) {
    if (more > 0) figure.fetch_add(more, std::memory_order_relaxed);
  };
  count(figures_.texts_passed_over, passed_over->texts);
  count(figures_.booleans_passed_over, passed_over->booleans);
  count(figures_.numbers_passed_over, passed_over->numbers);
  count(figures_.units_unknown, passed_over->units);
  if (passed_over->units > 0) note_unknown_unit(passed_over->unit, request);
  return {};
}

void LineDoor::note_unknown_unit(std::string_view unit, const http::Request& request) {
  std::string text(unit.substr(0, limits::kUnitBytesMax));
  {
    const std::lock_guard lock(mutex_);
    if (unknown_units_.size() == limits::kUnknownUnitsLogged ||
        std::ranges::find(unknown_units_, text) != unknown_units_.end())
      return;
    unknown_units_.push_back(text);
  }
  rejects_.log().warn(
      "a unit of line protocol is not known: its readings are kept as they are, without a unit",
      {{"unit", text}, {"door", std::string(address_of(dialect_of(request)))}, {"sender", request.sender}});
}

void LineDoor::handle(http::Exchange& exchange) {
  Scratch& scratch = scratch_[exchange.thread];
  const http::Request& request = exchange.request;
  auto read = this->read(request, scratch);
  auto charged =
      exchange.charge(std::max<std::size_t>(scratch.parsed.readings.size() + scratch.parsed.rejected_count, 1));
  if (const Result<void>& failed = charged ? read : charged; !failed) {
    rejects_.add(address_of(dialect_of(request)), request.sender, 0, failed.error(), request.body);
    write_error(exchange.response, dialect_of(request), failed.error());
    return exchange.finish();
  }
  auto* answer = new LineAnswer(exchange, rejects_);  // deletes itself in written()
  write_path_.write(scratch.parsed, request.sender, *answer, &request.principal->permit);
}

}  // namespace temperature::doors
