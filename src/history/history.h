#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "audit/entry.h"
#include "base/error.h"
#include "catalogue/definition.h"
#include "history/purges.h"
#include "model/ids.h"
#include "model/reading.h"
#include "summary/steps.h"
#include "summary/summary.h"

namespace temperature::history {

using summary::Steps;

// One series' part of a flush: sorted by timestamp, no timestamp twice.
struct Run {
  SeriesId series;
  std::vector<Sample> samples;
};

// What is known of a series without reading its chunks: it covers all samples that a view shows.
struct SeriesExtent {
  SeriesId series;
  Timestamp oldest;
  Sample newest;
  bool exact = true;  // false: the newest is not known, because of damage; it does not lie behind newest.timestamp
};

// What became of an erasure of a series' samples.
struct Erased {
  std::uint64_t samples = 0;  // that are gone
  bool counted = true;        // false: damage kept some from being counted
};

// How far a judgement has been counted: its series one after the other, in order of their ids. It lives in the history
// from the first tombstone until the judgement is in the audit, so that a crash in between loses no count.
struct Tally {
  Position position;                            // of the judgement
  std::optional<SeriesId> upto = std::nullopt;  // the last series that is counted; nullopt: none is
  std::uint64_t readings = 0;
  bool complete = true;   // false: damage kept some from being counted
  bool finished = false;  // all of its series are counted

  bool operator==(const Tally&) const = default;
};

// What stands at a moment: a value, or nothing from `gap_from` to before `gap_to`.
struct Found {
  std::optional<double> value;
  Timestamp gap_from = kTimestampMin;
  Timestamp gap_to = kTimestampMax;
};

// The history as it was when the view was made: what is written later does not show. For one thread
// and a short while; the history must outlive it. Errors: history_failed, naming what is damaged.
class HistoryView {
 public:
  HistoryView() = default;
  HistoryView(const HistoryView&) = delete;
  HistoryView& operator=(const HistoryView&) = delete;
  virtual ~HistoryView() = default;

  // Appends the samples of `series` with from <= timestamp < to, in time order, to `out`; at most `limit`.
  virtual Result<void> read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit,
                            std::vector<Sample>& out) = 0;

  // Adds the samples within `steps` to its stretches' summaries, steps.count() of them. Decodes only what
  // stands at the edge of a stretch.
  virtual Result<void> fold(SeriesId series, const Steps& steps, std::span<summary::Summary> summaries) = 0;

  // What stands at exactly this moment. Cheap when asked in order of series and time.
  virtual Result<Found> find(SeriesId series, Timestamp timestamp) = 0;

  // The newest sample with timestamp <= `at`.
  virtual Result<std::optional<Sample>> last_at(SeriesId series, Timestamp at) = 0;

  // How many samples were decoded for it so far: the work that summaries did not save.
  [[nodiscard]] virtual std::uint64_t decoded() const = 0;

  // All of the work, in samples: beside those decoded, for each look into the store as many as take about as long.
  [[nodiscard]] virtual std::uint64_t work() const { return decoded(); }
};

// What a history holds and has done. Wait-free; any thread.
struct HistoryFigures {
  std::atomic<std::uint64_t> chunks_written{0};
  std::atomic<std::uint64_t> chunks_merged{0};     // written anew by merges
  std::atomic<std::uint64_t> readings_expired{0};  // by retention
  std::atomic<std::uint64_t> chunks_expired{0};
  std::atomic<std::uint64_t> volumes_emptied{0};  // by merges: tombstones took all they had
  std::atomic<bool> damage_met{false};            // by a merge: a part of the history is merged no more
};

// What a call of History::expire() would forget, as far as it has been counted.
struct Weight {
  std::uint64_t readings = 0;  // that would go
  std::uint64_t all = 0;  // that there are, those among them; where it is a hundred times as many there may be more
  // Whether it is more than one of a hundred.
  [[nodiscard]] bool counts() const { return readings > all / 100; }
};

// Where views come from.
class HistorySource {
 public:
  HistorySource() = default;
  HistorySource(const HistorySource&) = delete;
  HistorySource& operator=(const HistorySource&) = delete;
  virtual ~HistorySource() = default;

  [[nodiscard]] virtual std::unique_ptr<HistoryView> view() const = 0;

  // One question to a view of its own.
  Result<void> read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit, std::vector<Sample>& out) const {
    return view()->read(series, from, to, limit, out);
  }
};

// The long-term store. Applying is idempotent because a reading's identity is (series, timestamp):
// writing a sample again changes nothing, and the first one written stays.
// One writer (the flusher) beside any number of readers. Readers may see samples of a flush that is not
// committed yet, and a restart may keep some of them: harmless, since a reading's identity decides, and
// the journal delivers them again.
class History : public HistorySource {
 public:
  // Writes runs of samples. May be called several times before commit(); a crash in between leaves
  // samples that the journal will deliver again.
  virtual Result<void> write(std::span<const Run> runs) = 0;

  // Takes away the samples of `series` with from <= timestamp < to that were written so far, from its extent, too;
  // their places are free for what is written from now on. Durable with the next commit(), in order with what is
  // written. The writer's. Error: nothing was taken away. May be called again after an error or a crash, which changes
  // nothing.
  Result<Erased> erase(SeriesId series, Timestamp from, Timestamp to) { return erase(series, from, to, nullptr); }
  // The same, and counts: `tally` has what was counted before, and of this series what was never here. What goes is
  // added, and it is stored in the same write, unless nothing was written; unchanged after an error. nullptr: as above.
  virtual Result<Erased> erase(SeriesId series, Timestamp from, Timestamp to, Tally* tally) = 0;

  // The tally of a judgement that the audit has not got; nullopt: its counting has not begun. The writer's.
  [[nodiscard]] virtual Result<std::optional<Tally>> tally(Position position) const = 0;
  // Durable with the next commit(), in order with what is written. The writer's.
  virtual Result<void> put_tally(const Tally& tally) = 0;

  // The next commit() that succeeds appends the entry to the audit, and lets its tally go, in the same write. Entries
  // come in order of positions; one at or before the audit's last position is there already, and is not written again.
  // The writer's.
  virtual void note(audit::Entry entry) = 0;
  // The end of the audit's chain. Any thread.
  [[nodiscard]] virtual audit::Head audit_head() const = 0;
  // The audit's entries behind a position, in order, as they are stored (audit::decode()), until `take` returns false.
  // Any thread.
  virtual Result<void> read_audit(Position after,
                                  const std::function<bool(Position position, std::string_view bytes)>& take) const = 0;

  // Puts `samples`, of rising timestamps, in the places of what stands at their timestamps, if anything does. No reader
  // sees a place without either. Durable with the next commit(), in order with what is written and erased. The
  // writer's. After an error some may be in place; may be called again then, or after a crash, which changes nothing.
  virtual Result<void> replace(SeriesId series, std::span<const Sample> samples) = 0;

  // Makes everything written so far durable, together with the definitions [from, from + size) and the
  // safe position: every reading at or below it is in the history. Atomic.
  virtual Result<void> commit(Position safe, std::uint64_t definitions_from,
                              std::span<const catalogue::Definition> definitions) = 0;

  // What recovery starts from.
  [[nodiscard]] virtual Position safe_position() const = 0;
  [[nodiscard]] virtual std::uint64_t definitions_stored() const = 0;
  virtual Result<void> read_definitions(const std::function<Result<void>(const catalogue::Definition&)>& take) = 0;
  virtual Result<void> read_extents(const std::function<void(const SeriesExtent&)>& take) = 0;

  // Puts small pieces together, which takes a while: for idle times. stop_settling() ends it and expire() early, for
  // good.
  virtual Result<void> settle() = 0;
  virtual void stop_settling() = 0;

  // Forgets readings that lie before their series' `keep_from`, in pieces that end after `after` and at or before
  // `upto`, whole. May leave some of them readable. One caller at a time; may run beside the writer.
  virtual Result<void> expire(Timestamp after, Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) = 0;

  // How much expire(kTimestampMin, upto, keep_from) would forget, and of how much. What cannot be read counts as if
  // there were nothing else. One caller at a time, who calls no expire() meanwhile; stop_settling() ends it early.
  virtual Result<Weight> weigh(Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) const = 0;

  // Of what was erased.
  [[nodiscard]] virtual Purges& purges() = 0;

  // Looks at its files: not for a connection's thread.
  [[nodiscard]] virtual std::uint64_t bytes_on_disk() const = 0;
  [[nodiscard]] virtual const HistoryFigures& figures() const = 0;
};

}  // namespace temperature::history
