#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "journal/journal.h"
#include "model/journal_id.h"
#include "model/reading_rules.h"
#include "model/retention.h"
#include "model/value_ranges.h"
#include "pipeline/applier.h"
#include "pipeline/deletion_path.h"
#include "pipeline/disk_watch.h"
#include "pipeline/held_readings.h"
#include "pipeline/keeper.h"
#include "pipeline/known_time.h"
#include "pipeline/purger.h"
#include "pipeline/read_path.h"
#include "pipeline/remedies.h"
#include "pipeline/service_state.h"
#include "pipeline/vouching.h"
#include "pipeline/write_path.h"

namespace temperature::limits {

// How long, in minutes behind a room's newest reading, readings stay in memory; older ones are read from the history.
inline constexpr Duration kWindowSpan = std::chrono::minutes(20);
// Readings that wait for the history; while there are more, writes are refused (overloaded).
inline constexpr std::size_t kUnflushedRefuse = 64'000'000;
// Seconds after which a flush that failed is tried again.
inline constexpr std::chrono::seconds kFlushRetry{5};

}  // namespace temperature::limits

namespace temperature::pipeline {

struct PipelineOptions {
  Applier::NotTaken not_taken{};  // see Applier; may be empty
  JournalId journal_id{};         // of the journal; none: positions are told without it
  Duration max_ahead = std::chrono::minutes(10);
  Retention retention{};
  std::string default_building = "default";
  ValueRanges ranges{};  // of readings that come in
  ReadingRules reading_rules = ReadingRules::current;
  Duration window_span = limits::kWindowSpan;  // what stays in memory behind a room's newest reading
  std::size_t unflushed_readings_min = 0;      // a flush begins; 0: limits decide; tests make it small
  std::size_t unflushed_readings_max = limits::kUnflushedRefuse;  // more than this: writes are refused
  Duration purge_answer_wait = limits::kPurgeAnswerWait;
  Duration flush_retry = limits::kFlushRetry;         // after a flush that failed
  const DiskProbe* disk = nullptr;                    // outlives the pipeline; nullptr: nobody watches the disk
  std::uint64_t min_free_disk = 0;                    // bytes; below it writes are refused
  bool clock_is_right = false;                        // whatever the folder knows of the time
  Duration clock_ahead_max = limits::kClockAheadMax;  // of the last time that was known; more has to be confirmed
  Duration notice_wait = limits::kNoticeWait;         // of what goes at once; 0: nothing is said first
  KeepingNotes* notes = nullptr;                      // outlives the pipeline; nullptr: nothing is kept
  Senders senders = Senders::credentials;             // who may confirm the clock
  AdmitJudgements::Admit admit_judgements;            // before each deletion or correction; may be empty
  Remedies remedies{};                                // tests switch them off
  DiskWatch::Log log;                                 // told what happens in the background; may be empty
};

// Figures of the way, for /metrics and probes. Counters since the start of the process; all of them are kept, so that
// asking costs nothing.
struct PipelineFigures {
  std::uint64_t readings_accepted = 0;
  std::uint64_t readings_duplicate = 0;
  std::uint64_t readings_conflict = 0;
  std::uint64_t readings_replaced = 0;
  std::uint64_t readings_rejected = 0;
  std::array<std::uint64_t, kErrorCodes> rejected_by_code{};
  std::uint64_t look_ups_failed = 0;  // writes that were answered history_failed
  std::uint64_t readings_recovered = 0;
  std::uint64_t readings_in_windows = 0;
  std::uint64_t readings_unflushed = 0;
  std::uint64_t window_bytes = 0;
  std::uint64_t series = 0;   // that have readings, or had when names were counted last (count_names())
  std::uint64_t windows = 0;  // a room's quantities, of all rooms, that have such series
  std::uint64_t flushes = 0;
  std::uint64_t flushes_failed = 0;
  std::uint64_t readings_flushed = 0;
  std::uint64_t readings_expired = 0;
  std::uint64_t chunks_expired = 0;
  bool history_damaged = false;
  std::uint64_t purges_waiting = 0;
  Position history_safe;
  std::uint64_t disk_free = 0;
  std::uint64_t disk_min_free = 0;
  double disk_days_left = -1;  // below 0: not known
  ClockState clock = ClockState::right;
  std::uint64_t retention_waiting = 0;  // readings that are to be forgotten, and wait
  double retention_wait_seconds = 0;    // how long they still do
  journal::JournalStatus journal;
};

// The way of a reading from end to end, built over a catalogue, a journal and a history that the
// caller owns and that outlive it.
class Pipeline {
 public:
  Pipeline(PipelineOptions options, const Clock& clock, catalogue::Catalogue& catalogue, journal::Journal& journal,
           history::History& history);
  ~Pipeline();  // stop()
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Recovers: definitions and windows from the history, then the journal from the safe position on.
  // Blocks until done; reads and writes answer `recovering` until then, and stay so after an error. Call once.
  // Errors: journal_damaged, history_failed.
  Result<journal::Recovery> start();

  // Refuses new writes, lets those under way finish, ends the flusher. Idempotent.
  void stop();

  [[nodiscard]] WritePath& write_path();
  [[nodiscard]] DeletionPath& deletion_path();
  [[nodiscard]] const ReadPath& read_path() const;
  // Of the journal in whose positions everything is told; none: PipelineOptions named none.
  [[nodiscard]] JournalId journal_id() const;
  [[nodiscard]] const ServiceState& state() const;
  ServiceState& state();
  [[nodiscard]] PipelineFigures figures() const;

  // Why writes are refused now, nullopt when they are taken: recovering, shutting_down, overloaded,
  // journal_failed, disk_full, data_folder_lost, clock_not_set.
  [[nodiscard]] std::optional<Error> refuses_writes() const;

  // Writes everything not yet in the history there now, and releases the journal. Any thread.
  Result<void> flush();

  // Tidies up now, as it does by itself when no reading has come for some seconds. Not on two threads at once.
  void settle();

  // The journal releases nothing while what it returns lives: for backups. The pipeline must outlive it. Any thread.
  [[nodiscard]] std::shared_ptr<void> hold_journal();

  // The journal keeps the records behind this one for who follows it; the greatest position: nobody does. Any thread.
  void keep_journal_after(Position position);
  // Fresh readings that were taken since the start of the process, without those of recovery. Any thread.
  [[nodiscard]] std::uint64_t readings_taken() const;
  // Everything up to here has been applied, and is in every answer. Any thread.
  [[nodiscard]] Position applied_position() const;

  // What is held of a room's quantity now. The pipeline outlives it. Any thread, after start().
  [[nodiscard]] HeldReadings held(WindowId window, Timestamp from, Timestamp to) const;

  // Counts anew which names have readings, as it does by itself after a deletion, after each round of the retention,
  // and where a limit would refuse a new one. Any thread, after start().
  void count_names();

  // How the clock stands to the last time that was known.
  [[nodiscard]] KnownTime::Look clock() const;
  // Looks at it now, as it does every second, and says what there is to say. Any thread.
  void look_at_clock();

  // Has the history forget what is older than the retention, now, as far as the clock and what is said first allow it
  // (Keeper). Any thread.
  Result<void> expire();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace temperature::pipeline
