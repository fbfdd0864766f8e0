#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "journal/journal.h"
#include "pipeline/applier.h"
#include "pipeline/deletion_writer.h"
#include "pipeline/remedies.h"
#include "pipeline/service_state.h"
#include "window/windows.h"

namespace temperature::pipeline {

// Writes what the windows hold and the history does not, in the background, then moves the safe
// position up and lets the journal go. It need not stop anybody: the history may be ahead of its
// safe position, because a reading that is delivered again is a duplicate, and a deletion that is delivered again takes
// away what it took before. Deletions are written first, and behind them only what came after them.
class Flusher {
 public:
  // `log` is told when it begins to fail, and when it works again; `grave` when it needs somebody. It may be empty.
  using Log = std::function<void(const std::string& what, bool grave)>;
  Flusher(catalogue::Catalogue& catalogue, window::Windows& windows, history::History& history,
          HistoryGeneration& generation, PendingDeletions& deletions, journal::Journal& journal, const Applier& applier,
          const ServiceState& state, const Clock& clock, Duration window_span, Duration retry, Log log = {},
          Remedies remedies = {});
  ~Flusher();  // stop()
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;

  void start();
  void wake();  // any thread: flush soon; a flush that fails is tried again until one succeeds
  void stop();  // waits for a flush under way; idempotent

  // One flush, now. Any thread; one at a time. Error data_folder_lost: then nothing is written, and the journal keeps
  // what it has.
  Result<void> flush();

  // What is done when it is quiet: puts the history's pieces together and gives the journal's space back. What goes
  // wrong, the next flush will meet and tell.
  void settle();

  // The journal releases nothing while what it returns lives. Waits for a flush under way. Any thread; the flusher must
  // outlive it.
  [[nodiscard]] std::shared_ptr<void> hold_journal();

  // Lets the journal release what it may, and returns up to where that is; when somebody keeps it from letting go the
  // records up to `upto`, `held_by` says who. Waits for a flush under way. Any thread.
  [[nodiscard]] Result<Position> let_go(Position upto, std::string& held_by);

  // Told of deletions that are to leave every file, too (DeletionWriter). Before start().
  void on_purge(DeletionWriter::Purge purge) { deletions_.on_purge(std::move(purge)); }
  // See DeletionWriter. Set before start().
  void on_emptied(std::function<void(WindowId)> told) { deletions_.on_emptied(std::move(told)); }

  // The journal keeps the records behind this one, whatever the history has; the greatest: none for this. Any thread.
  void keep_journal_after(Position position) { keep_after_.store(position.value(), std::memory_order_relaxed); }

  struct Figures {
    std::atomic<std::uint64_t> flushes{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<std::uint64_t> readings{0};
  };
  [[nodiscard]] const Figures& figures() const { return figures_; }

 private:
  // Of a thing that is tried again and again: said is when it begins to fail, and when it works again.
  struct Trouble {
    bool failing = false;
    std::string_view failed;  // the beginning of what is said then
    std::string_view works;
  };

  void run();
  void tell(Trouble& trouble, const Result<void>& done) const;
  Result<void> release_journal();
  // False: some window could not be taken, because deletions went on emptying it.
  Result<bool> write_all(const std::vector<WindowId>& windows);
  // Adds those that could not be taken to `held`. After an error, `so_far`, nothing is written.
  Result<void> write_windows(const std::vector<WindowId>& windows, Result<void> so_far, std::vector<WindowId>& held);
  Result<void> commit(Position safe);
  void append_runs(WindowId id, std::vector<window::SlotSample>& samples, std::vector<history::Run>& runs) const;

  catalogue::Catalogue& catalogue_;
  window::Windows& windows_;
  history::History& history_;
  HistoryGeneration& generation_;
  journal::Journal& journal_;
  const Applier& applier_;
  const ServiceState& state_;
  const Clock& clock_;
  const Duration window_span_;
  const Duration retry_;  // after a flush that failed
  const Log log_;
  const Remedies remedies_;
  DeletionWriter deletions_;
  Figures figures_;

  std::mutex flush_mutex_;  // one flush at a time; guards the troubles
  Trouble writing_{
      .failed = "readings cannot be written to the history; they stay in the journal, and it is tried again",
      .works = "readings are written to the history again"};
  Trouble releasing_{.failed = "the journal's space cannot be given back",
                     .works = "the journal's space is given back again"};
  std::atomic<int> holds_{0};
  std::atomic<std::uint64_t> keep_after_{UINT64_MAX};
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wanted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace temperature::pipeline
