#include "client/replay.h"

#include <fmt/format.h>

#include <ostream>

#include "base/time.h"
#include "base/timestamp_limits.h"
#include "client/bounds.h"
#include "client/input_file.h"
#include "client/pacing.h"
#include "client/recording.h"

namespace temperature::client {
namespace {

// Times that the service refuses anyhow decide nothing here and are sent as they are.
bool plausible(Timestamp moment) {
  return moment >= limits::kTimestampFirst && moment <= limits::kTimestampLast;
}

struct Span {
  Timestamp first = kTimestampMax;
  Timestamp last = kTimestampMin;
};

// The first pass of a rebase: the earliest and the latest reading. A file that cannot be read to its
// end fails before anything is sent.
Result<Span> find_span(InputFile& file, const Pause& pause) {
  Recording recording(file);
  if (auto header = recording.begin(); !header) return std::unexpected(std::move(header.error()));
  Span span;
  while (!pause.interrupted()) {
    const auto more = recording.next();
    if (!more) return std::unexpected(more.error());
    if (!*more) return span;
    const auto reading = recording.reading();
    if (!reading || !plausible(reading->timestamp)) continue;
    span.first = std::min(span.first, reading->timestamp);
    span.last = std::max(span.last, reading->timestamp);
  }
  return failure(ErrorCode::startup, "interrupted");
}

// Sends all readings that are left; false when the run was ended from outside.
Result<bool> send(Recording& recording, Run& run, std::optional<Pacing> pacing, Duration shift, const Clock& clock) {
  for (;;) {
    const auto more = recording.next();
    if (!more) return std::unexpected(more.error());
    if (!*more) return true;
    auto reading = recording.reading();
    if (!reading) {
      run.reject(recording.line(), reading.error());
      continue;
    }
    const bool timed = plausible(reading->timestamp);
    if (timed && pacing) {
      const Timestamp now = clock.now();
      const Duration wait = pacing->until_due(reading->timestamp, now);
      // Readings that fall due together leave together.
      if (wait > Duration(0) && !run.wait_until(now + std::max(wait, kPacingStep))) return false;
    }
    if (timed) reading->timestamp += shift;
    if (!run.add(*reading, recording.line())) return false;
  }
}

// Returns how many readings of the file were refused.
Result<std::uint64_t> replay_file(const ReplayOptions& options, const Surroundings& surroundings) {
  auto file = InputFile::open(options.path);
  if (!file) return std::unexpected(std::move(file.error()));
  Duration shift{0};
  Timestamp start = surroundings.clock.now();
  if (options.rebase) {
    if (auto ready = file->make_rewindable(); !ready) return std::unexpected(std::move(ready.error()));
    const auto span = find_span(*file, surroundings.pause);
    if (!span) return std::unexpected(span.error());
    if (auto rewound = file->rewind(); !rewound) return std::unexpected(std::move(rewound.error()));
    start = surroundings.clock.now();
    if (span->first <= span->last) shift = rebase_shift(span->first, span->last, start, options.speed);
  }
  Recording recording(*file);
  if (auto header = recording.begin(); !header) return std::unexpected(std::move(header.error()));
  auto run = Run::begin(options.destination, "line", surroundings);
  if (!run) return std::unexpected(std::move(run.error()));
  (*run)->measure_by([&file, total = file->bytes_total()]() -> std::optional<double> {
    if (!total || *total == 0) return std::nullopt;
    return static_cast<double>(file->bytes_read()) / static_cast<double>(*total);
  });
  const auto pacing = options.speed ? std::optional(Pacing(*options.speed, start)) : std::nullopt;
  const auto sent = send(recording, **run, pacing, shift, surroundings.clock);
  const auto finished = (*run)->finish();
  if (!sent) {
    return failure(sent.error().code, fmt::format("{} (at line {})", sent.error().detail, recording.line()));
  }
  if (!finished) return std::unexpected(finished.error());
  if (!*sent) return failure(ErrorCode::startup, fmt::format("interrupted at line {}", recording.line()));
  return (*run)->rejected();
}

}  // namespace

int replay(const ReplayOptions& options, const Surroundings& surroundings) {
  const auto refused = replay_file(options, surroundings);
  if (!refused) {
    return report(surroundings, {refused.error().code, fmt::format("{}: {}", options.path, refused.error().detail)});
  }
  return report_not_stored(surroundings, options.path, *refused);
}

}  // namespace temperature::client
