#include "doors/refusals.h"

#include <fmt/format.h>

#include <utility>

#include "http/request_trace.h"

namespace temperature::doors {
namespace {

using telemetry::RejectKind;
using telemetry::Rejects;

telemetry::RejectNames names_of(const SeriesKey& series) {
  return {std::string(series.building), std::string(series.room), std::string(series.sensor),
          std::string(series.quantity)};
}

std::string text_of(const pipeline::Conflict& conflict) {
  const SeriesKey& series = conflict.series;
  return fmt::format("{}/{}/{} {}={} @{}", series.building, series.room, series.sensor, series.quantity,
                     conflict.refused, to_ms(conflict.timestamp));
}

Rejects::Reject reject_of(const pipeline::Conflict& conflict, const TellConflict& tell) {
  ConflictWords words = tell ? tell(conflict) : ConflictWords();
  return {.kind = RejectKind::conflict,
          .place = std::uint64_t{conflict.index} + 1,
          .code = telemetry::kConflictCode,
          .detail = fmt::format("{} is stored for this series at {}; {} was not stored{}", conflict.stored,
                                format_timestamp(conflict.timestamp), conflict.refused, words.more),
          .text = words.text.empty() ? text_of(conflict) : std::move(words.text),
          .names = names_of(conflict.series),
          .contradicted = Rejects::Contradicted{conflict.timestamp, conflict.stored, conflict.refused}};
}

}  // namespace

void note_outcome(Rejects& rejects, std::string_view door, http::Request& request,
                  const pipeline::WriteOutcome& outcome, const TellConflict& tell) {
  for (const ingest::Rejected& rejected : outcome.rejected_details) {
    rejects.add(door, request.sender, std::uint64_t{rejected.index} + 1, rejected.error, rejected.text,
                {rejected.names.building, rejected.names.room, rejected.names.sensor, rejected.names.quantity},
                http::trace_of(request));
  }
  for (const pipeline::Conflict& conflict : outcome.conflict_details) {
    Rejects::Reject reject = reject_of(conflict, tell);
    reject.door = door;
    reject.sender = request.sender;
    reject.trace = http::trace_of(request);
    rejects.add(std::move(reject));
  }
  for (const auto& [code, count] : outcome.rejected_unlisted) {
    rejects.count({.door = door, .sender = request.sender, .code = traits(code).code}, count);
  }
  Rejects::Reject conflict{
      .kind = RejectKind::conflict, .door = door, .sender = request.sender, .code = telemetry::kConflictCode};
  std::uint64_t unnamed = outcome.conflicts - outcome.conflict_details.size();
  for (const auto& [series, count] : outcome.conflicts_unlisted) {
    conflict.names = names_of(series);
    rejects.count(conflict, count);
    unnamed -= count;
  }
  conflict.names = {};
  if (unnamed > 0) rejects.count(conflict, unnamed);
}

}  // namespace temperature::doors
