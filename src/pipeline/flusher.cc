#include "pipeline/flusher.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/thread.h"
#include "base/time.h"
#include "window/window.h"

namespace temperature::limits {

// Definitions of series that are written to the history at once; further ones go into the next commit.
inline constexpr std::uint64_t kDefinitionsPerCommitMax = 50'000;
// Seconds without a reading after which the history puts its small pieces together.
inline constexpr std::chrono::seconds kQuietBeforeSettling{5};

}  // namespace temperature::limits

namespace temperature::pipeline {
namespace {

// Readings that are handed to the history in one piece, to bound memory.
constexpr std::size_t kPieceReadings = 65'536;
// How often a flush goes through windows that deletions have emptied meanwhile; then the next one does.
constexpr int kRoundsMax = 16;

}  // namespace

Flusher::Flusher(catalogue::Catalogue& catalogue, window::Windows& windows, history::History& history,
                 HistoryGeneration& generation, PendingDeletions& deletions, journal::Journal& journal,
                 const Applier& applier, const ServiceState& state, const Clock& clock, Duration window_span,
                 Duration retry, Log log, Remedies remedies)
    : catalogue_(catalogue),
      windows_(windows),
      history_(history),
      generation_(generation),
      journal_(journal),
      applier_(applier),
      state_(state),
      clock_(clock),
      window_span_(window_span),
      retry_(retry),
      log_(std::move(log)),
      remedies_(remedies),
      deletions_(windows, history, deletions) {}

Flusher::~Flusher() {
  stop();
}

void Flusher::start() {
  thread_ = std::thread([this] { run(); });
}

void Flusher::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_) return;
    wanted_ = true;
  }
  woken_.notify_one();
}

void Flusher::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  history_.stop_settling();
  if (!thread_.joinable()) return;
  thread_.join();
  // So that a start finds little to do; what fails here is in the journal.
  static_cast<void>(flush());
}

void Flusher::run() {
  name_thread("flusher");
  std::unique_lock lock(mutex_);
  Position before;
  while (true) {
    const bool woken = woken_.wait_for(lock, limits::kQuietBeforeSettling, [this] { return wanted_ || stopping_; });
    if (stopping_) return;
    if (!woken) {
      const bool quiet = applier_.position() == std::exchange(before, applier_.position());
      lock.unlock();
      if (quiet) settle();
      lock.lock();
      continue;
    }
    wanted_ = false;  // whoever wakes from now on wants another one
    lock.unlock();
    const bool flushed = flush().has_value();
    lock.lock();
    if (flushed) continue;
    // Nobody may be there to wake it again: writes are refused once too many readings wait.
    wanted_ = true;
    woken_.wait_for(lock, retry_, [this] { return stopping_; });
  }
}

void Flusher::settle() {
  if (state_.folder_lost()) return;
  static_cast<void>(history_.settle());
  {
    const std::lock_guard no_flush(flush_mutex_);
    if (!release_journal()) return;
  }
  static_cast<void>(journal_.settle());
}

// REQUIRES: flush_mutex_ is held.
void Flusher::tell(Trouble& trouble, const Result<void>& done) const {
  const bool was_failing = std::exchange(trouble.failing, !done);
  if (was_failing == trouble.failing || !log_) return;
  log_(done ? std::string(trouble.works) : fmt::format("{}: {}", trouble.failed, done.error().detail), !done);
}

// REQUIRES: flush_mutex_ is held, so that whoever holds the journal knows when he has it.
Result<void> Flusher::release_journal() {
  if (holds_.load() > 0) return {};  // the next flush will
  const Position kept_after(keep_after_.load(std::memory_order_relaxed));
  auto released = journal_.release(std::min(history_.safe_position(), kept_after));
  tell(releasing_, released);
  return released;
}

Result<void> Flusher::flush() {
  const std::lock_guard one_at_a_time(flush_mutex_);
  if (state_.folder_lost()) {
    deletions_.failed();
    return failure(ErrorCode::data_folder_lost, "nothing is flushed: the data folder is not where it was");
  }
  // In this order: whatever the applier applied up to `safe` is in a window that is in `dirty` now.
  const Position safe = applier_.position();
  CHECK(safe >= history_.safe_position());
  const std::vector<WindowId> dirty = windows_.take_dirty();
  if (dirty.empty() && safe == history_.safe_position()) return {};

  deletions_.begin();
  const Result<bool> all = write_all(dirty);
  Result<void> written = all ? Result<void>() : std::unexpected(all.error());
  // Where a window was held back, the history has not all that came before `safe`.
  if (written) written = commit(*all || !remedies_.hold_position ? safe : history_.safe_position());
  tell(writing_, written);
  if (written) {
    deletions_.committed();                               // what is hidden for them comes to light with
    generation_.fetch_add(1, std::memory_order_acq_rel);  // this, before anything leaves the windows
    deletions_.settle();
  } else {
    deletions_.failed();
  }
  const std::uint64_t unflushed_before = windows_.unflushed();
  const Timestamp now = clock_.now();
  for (const WindowId id : dirty) {
    windows_.settle(id, written.has_value(), window_span_, now);
    make_way();
  }
  if (!written) {
    figures_.failed.fetch_add(1, std::memory_order_relaxed);
    return written;
  }
  figures_.flushes.fetch_add(1, std::memory_order_relaxed);
  figures_.readings.fetch_add(unflushed_before - std::min(unflushed_before, windows_.unflushed()),
                              std::memory_order_relaxed);
  return release_journal();
}

// The definitions in pieces: there may be millions after the first minutes. They may be ahead of the safe position.
Result<void> Flusher::commit(Position safe) {
  // Read after the windows were taken: every series in them is defined by now.
  const std::uint64_t defined = catalogue_.definitions();
  while (true) {
    const std::uint64_t stored = history_.definitions_stored();
    const std::uint64_t upto = std::min(defined, stored + limits::kDefinitionsPerCommitMax);
    const bool last = upto == defined;
    auto written =
        history_.commit(last ? safe : history_.safe_position(), stored, catalogue_.definitions(stored, upto));
    if (!written || last) return written;
  }
}

std::shared_ptr<void> Flusher::hold_journal() {
  const std::lock_guard no_flush(flush_mutex_);
  holds_.fetch_add(1);
  return {this, [this](void*) { holds_.fetch_sub(1); }};
}

Result<Position> Flusher::let_go(Position upto, std::string& held_by) {
  const std::lock_guard no_flush(flush_mutex_);
  if (holds_.load() > 0) {
    held_by = "a backup that is being made holds the journal";
    return Position();
  }
  const Position free = std::min(history_.safe_position(), Position(keep_after_.load(std::memory_order_relaxed)));
  if (free < upto) held_by = "the mirror holds the journal: its database lacks records, or got them a moment ago";
  if (auto released = release_journal(); !released) return std::unexpected(std::move(released.error()));
  return free;
}

Result<bool> Flusher::write_all(const std::vector<WindowId>& windows) {
  std::vector<WindowId> left = windows;
  std::vector<WindowId> held;
  Result<void> written;
  for (int round = 0;; ++round) {
    if (remedies_.tombstones_first) written = deletions_.write();
    written = write_windows(left, std::move(written), held);
    if (!remedies_.tombstones_first && written) written = deletions_.write();
    if (!written) return std::unexpected(std::move(written.error()));
    if (held.empty() || round == kRoundsMax) return held.empty();
    left = std::exchange(held, {});
    std::this_thread::yield();  // to the journal's, which may be about to complete a deletion
  }
}

Result<void> Flusher::write_windows(const std::vector<WindowId>& windows, Result<void> written,
                                    std::vector<WindowId>& held) {
  const bool holds = remedies_.hold_windows && remedies_.tombstones_first;
  const Position deletions = holds ? deletions_.written() : Position(UINT64_MAX);
  std::vector<window::SlotSample> samples;
  std::vector<history::Run> runs;
  std::size_t waiting = 0;
  for (const WindowId id : windows) {
    samples.clear();
    if (!written) {
      windows_.take(id, 0, deletions, samples);  // settle() expects every window to have been taken
      continue;
    }
    auto taken = window::Windows::Taken::some;
    while ((taken = windows_.take(id, limits::kTakenAtOnce, deletions, samples)) == window::Windows::Taken::some) {
      make_way();
    }
    if (taken == window::Windows::Taken::held) held.push_back(id);
    waiting += samples.size();
    append_runs(id, samples, runs);
    make_way();
    if (waiting < kPieceReadings) continue;
    written = history_.write(runs);
    runs.clear();
    waiting = 0;
  }
  if (written && !runs.empty()) written = history_.write(runs);
  return written;
}

// Sorts a window's samples by slot, each slot's by time, without comparing more than needed: a
// sensor's readings mostly arrive in order.
void Flusher::append_runs(WindowId id, std::vector<window::SlotSample>& samples,
                          std::vector<history::Run>& runs) const {
  const std::vector<catalogue::SeriesInfo> series = catalogue_.window_series(id);
  std::vector<std::size_t> counts(series.size());
  for (const auto& sample : samples) ++counts[sample.slot.value()];
  std::vector<std::size_t> run_of(series.size());
  for (std::size_t slot = 0; slot < series.size(); ++slot) {
    if (counts[slot] == 0) continue;
    run_of[slot] = runs.size();
    runs.push_back({series[slot].id, {}});
    runs.back().samples.reserve(counts[slot]);
  }
  for (const auto& [slot, sample] : samples) runs[run_of[slot.value()]].samples.push_back(sample);
  for (std::size_t slot = 0; slot < series.size(); ++slot) {
    if (counts[slot] == 0) continue;
    auto& run = runs[run_of[slot]].samples;
    if (!std::ranges::is_sorted(run, {}, &Sample::timestamp)) std::ranges::sort(run, {}, &Sample::timestamp);
  }
}

}  // namespace temperature::pipeline
