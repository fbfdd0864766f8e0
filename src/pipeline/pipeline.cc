#include "pipeline/pipeline.h"

#include <algorithm>

#include "accept/acceptor.h"
#include "catalogue/catalogue.h"
#include "model/flush_limits.h"
#include "pipeline/applier.h"
#include "pipeline/current_history.h"
#include "pipeline/disk_watch.h"
#include "pipeline/flusher.h"
#include "pipeline/keeper.h"
#include "pipeline/live_names.h"
#include "pipeline/look_ups.h"
#include "pipeline/pending_deletions.h"
#include "pipeline/purger.h"
#include "pipeline/recovery.h"
#include "window/windows.h"

namespace temperature::limits {

// Readings that wait for the history before a flush begins, at least, however few series there are.
inline constexpr std::size_t kUnflushedReadingsMin = 1'000'000;
// Readings for each series that wait for the history before a flush begins, between the least and the most.
inline constexpr std::size_t kUnflushedPerSeries = 1'024;

}  // namespace temperature::limits

namespace temperature::pipeline {

struct Pipeline::Parts {
  Parts(PipelineOptions given, const Clock& its_clock, catalogue::Catalogue& its_catalogue,
        journal::Journal& its_journal, history::History& its_history)
      : options(std::move(given)),
        clock(its_clock),
        catalogue(its_catalogue),
        journal(its_journal),
        history(its_history),
        time(its_clock, options.clock_ahead_max),
        names(catalogue, windows, options.retention, time),
        acceptor({.max_ahead = options.max_ahead,
                  .retention = options.retention,
                  .default_building = options.default_building,
                  .reading_rules = options.reading_rules,
                  .ranges = options.ranges,
                  .retention_clock = &time,
                  .make_room = [this] { return names.count_for_room(); }},
                 catalogue),
        look_ups(history, clock, options.log),
        admit_judgements(options.admit_judgements),
        applier(catalogue, windows, shown(), generation, look_ups, deletions, state, options.remedies),
        flusher(catalogue, windows, history, generation, deletions, journal, applier, state, clock, options.window_span,
                options.flush_retry, options.log, options.remedies),
        purger(history, journal, flusher, clock, options.log, options.purge_answer_wait),
        deletion_path(catalogue, windows, shown(), journal, deletions, history.purges(), state, time, admit_judgements),
        write_path(catalogue, acceptor, windows, shown(), generation, look_ups, journal, state, clock,
                   options.unflushed_readings_max, {time, options.senders}, {deletions, admit_judgements},
                   options.journal_id),
        read_path(catalogue, windows, shown(), state, options.retention, time),
        keeper(catalogue, history, time, state,
               {.retention = options.retention,
                .notice_wait = options.notice_wait,
                .clock_is_right = options.clock_is_right,
                .flush = [this] { return flusher.flush(); },
                .forgotten = [this] { names.count(); },
                .notes = options.notes,
                .log = options.log}),
        disk_watch(options.disk, options.min_free_disk, running, state, options.log) {}

  // What readers see of the history.
  [[nodiscard]] const history::HistorySource& shown() const {
    if (options.remedies.hide_history) return current;
    return history;
  }

  // How many readings may wait before a flush begins: enough of them for each series that the
  // history's blocks are not tiny.
  [[nodiscard]] std::uint64_t flush_at() const {
    if (options.unflushed_readings_min != 0) return options.unflushed_readings_min;
    return std::clamp<std::uint64_t>(catalogue.counted().series * limits::kUnflushedPerSeries,
                                     limits::kUnflushedReadingsMin, limits::kUnflushedReadingsMax);
  }

  [[nodiscard]] std::optional<Timestamp> newest() const {
    std::optional<Timestamp> newest;
    for (std::uint32_t i = 0; i < catalogue.window_count(); ++i) {
      const auto of_room = windows.newest(WindowId(i)).reading;
      if (of_room && (!newest || of_room->sample.timestamp > *newest)) newest = of_room->sample.timestamp;
    }
    return newest;
  }

  PipelineOptions options;
  const Clock& clock;
  RunningClock running{clock};  // for rates, which no clock that is set anew is to bend
  catalogue::Catalogue& catalogue;
  journal::Journal& journal;
  history::History& history;
  PendingDeletions deletions;
  CurrentHistory current{history, deletions, options.remedies};
  HistoryGeneration generation{0};
  ServiceState state;
  window::Windows windows;
  KnownTime time;
  LiveNames names;
  accept::Acceptor acceptor;
  LookUps look_ups;
  AdmitJudgements admit_judgements;
  Applier applier;
  Flusher flusher;
  Purger purger;
  DeletionPath deletion_path;
  WritePath write_path;
  ReadPath read_path;
  Keeper keeper;
  DiskWatch disk_watch;
};

Pipeline::Pipeline(PipelineOptions options, const Clock& clock, catalogue::Catalogue& catalogue,
                   journal::Journal& journal, history::History& history)
    : parts_(std::make_unique<Parts>(std::move(options), clock, catalogue, journal, history)) {}

Pipeline::~Pipeline() {
  stop();
}

Result<journal::Recovery> Pipeline::start() {
  Parts& parts = *parts_;
  parts.disk_watch.start();
  parts.applier.on_not_taken(parts.options.not_taken);
  parts.applier.name_journal(parts.options.journal_id);
  parts.applier.set_flush_at(parts.flush_at());
  parts.applier.on_unflushed([&parts] {
    parts.applier.set_flush_at(parts.flush_at());  // there may be more series than last time
    parts.flusher.wake();
  });
  parts.flusher.on_purge([&parts](DeletionOutcome outcome, DeletionListener* listener) {
    parts.purger.take(std::move(outcome), listener);
  });
  auto recovery = recover(parts.catalogue, parts.windows, parts.history, parts.journal, parts.applier,
                          parts.options.window_span, parts.clock.now());
  if (!recovery) return recovery;
  parts.names.count();
  parts.flusher.on_emptied([&parts](WindowId window) { parts.names.count(window); });
  parts.flusher.start();
  parts.purger.start();
  parts.keeper.start(parts.newest(), parts.options.max_ahead);
  parts.state.serve();
  return recovery;
}

void Pipeline::stop() {
  parts_->state.stop();
  parts_->journal.stop();
  parts_->purger.stop();
  parts_->flusher.stop();
  parts_->keeper.stop();
  parts_->disk_watch.stop();
}

WritePath& Pipeline::write_path() {
  return parts_->write_path;
}
DeletionPath& Pipeline::deletion_path() {
  return parts_->deletion_path;
}
const ReadPath& Pipeline::read_path() const {
  return parts_->read_path;
}
JournalId Pipeline::journal_id() const {
  return parts_->options.journal_id;
}
const ServiceState& Pipeline::state() const {
  return parts_->state;
}
ServiceState& Pipeline::state() {
  return parts_->state;
}

PipelineFigures Pipeline::figures() const {
  const Parts& parts = *parts_;
  PipelineFigures figures;
  figures.readings_accepted = parts.applier.figures().fresh.load(std::memory_order_relaxed);
  figures.readings_duplicate = parts.applier.figures().duplicates.load(std::memory_order_relaxed);
  for (std::size_t code = 0; code < kErrorCodes; ++code) {
    figures.rejected_by_code[code] = parts.write_path.rejected(static_cast<ErrorCode>(code));
    figures.readings_rejected += figures.rejected_by_code[code];
  }
  figures.readings_conflict = parts.applier.figures().conflicts.load(std::memory_order_relaxed);
  figures.readings_replaced = parts.applier.figures().replaced.load(std::memory_order_relaxed);
  figures.look_ups_failed = parts.write_path.look_ups_failed();
  figures.readings_recovered = parts.applier.figures().recovered.load(std::memory_order_relaxed);
  figures.readings_in_windows = parts.windows.count();
  figures.readings_unflushed = parts.windows.unflushed();
  figures.window_bytes = parts.windows.bytes();
  const catalogue::Catalogue::Counted counted = parts.catalogue.counted();
  figures.series = counted.series;
  figures.windows = counted.windows;
  figures.flushes = parts.flusher.figures().flushes.load(std::memory_order_relaxed);
  figures.flushes_failed = parts.flusher.figures().failed.load(std::memory_order_relaxed);
  figures.readings_flushed = parts.flusher.figures().readings.load(std::memory_order_relaxed);
  figures.readings_expired = parts.history.figures().readings_expired.load(std::memory_order_relaxed);
  figures.chunks_expired = parts.history.figures().chunks_expired.load(std::memory_order_relaxed);
  figures.history_damaged = parts.history.figures().damage_met.load(std::memory_order_relaxed);
  figures.purges_waiting = parts.purger.waiting();
  figures.history_safe = parts.history.safe_position();
  figures.disk_free = parts.disk_watch.figures().free.load(std::memory_order_relaxed);
  figures.disk_min_free = parts.disk_watch.min_free();
  figures.disk_days_left = parts.disk_watch.figures().days_left.load(std::memory_order_relaxed);
  figures.clock = parts.time.look().state;
  figures.retention_waiting = parts.keeper.figures().waiting_readings.load(std::memory_order_relaxed);
  figures.retention_wait_seconds =
      static_cast<double>(parts.keeper.figures().waiting_ms.load(std::memory_order_relaxed)) / 1e3;
  figures.journal = parts.journal.status();
  return figures;
}

std::optional<Error> Pipeline::refuses_writes() const {
  if (auto may = parts_->write_path.may_write(); !may) return std::move(may.error());
  if (!parts_->journal.status().writable) {
    return Error{ErrorCode::journal_failed,
                 "the journal refuses writes since a write or sync failed; restart when mended"};
  }
  return std::nullopt;
}

void Pipeline::keep_journal_after(Position position) {
  parts_->flusher.keep_journal_after(position);
}

std::uint64_t Pipeline::readings_taken() const {
  return parts_->applier.figures().fresh.load(std::memory_order_relaxed);
}

Position Pipeline::applied_position() const {
  return parts_->applier.position();
}

HeldReadings Pipeline::held(WindowId window, Timestamp from, Timestamp to) const {
  const Parts& parts = *parts_;
  return {parts.catalogue, parts.windows, parts.shown(), parts.options.retention, parts.time, window, from, to};
}

KnownTime::Look Pipeline::clock() const {
  return parts_->time.look();
}

void Pipeline::look_at_clock() {
  parts_->keeper.look();
}

void Pipeline::count_names() {
  parts_->names.count();
}

Result<void> Pipeline::flush() {
  return parts_->flusher.flush();
}

void Pipeline::settle() {
  parts_->flusher.settle();
}

std::shared_ptr<void> Pipeline::hold_journal() {
  return parts_->flusher.hold_journal();
}

Result<void> Pipeline::expire() {
  return parts_->keeper.expire();
}

}  // namespace temperature::pipeline
