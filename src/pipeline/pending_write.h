#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "accept/acceptor.h"
#include "base/sizes.h"
#include "journal/journal.h"
#include "pipeline/late_readings.h"
#include "pipeline/pending_deletions.h"
#include "pipeline/write_path.h"
#include "window/windows.h"

namespace temperature::limits {

// Writes that are over whose memory is kept for those to come; the memory of further ones is freed.
inline constexpr std::size_t kPendingWritesKept = 256;
// Bytes of memory kept of each such write, some 5,000 readings; that of a larger write is freed.
inline constexpr std::size_t kPendingWriteBytesKept = 256 * kKiB;

}  // namespace temperature::limits

namespace temperature::pipeline {

class PendingWrites;

// Finds the names that WriteOutcome leaves to be found.
void name_conflicts(const catalogue::Catalogue& catalogue, WriteOutcome& outcome);

// By reason, how many of an admission's refusals are not in its list.
std::vector<RejectedCount> rejected_unlisted(const accept::Admission& admission);

// A batch between its admission and its answer. When it is finished it goes back to where it was taken from.
class PendingWrite final : public journal::Submission {
 public:
  explicit PendingWrite(PendingWrites& home) : home_(home) {}

  // The memory of the batch before, for the acceptor to fill.
  [[nodiscard]] accept::Memory release() { return {Submission::release(), std::move(indices_)}; }

  // What makes it a correction.
  struct Correction {
    std::string reason;
    PendingPlace place;
  };
  // REQUIRES: admission.batch.
  void begin(accept::Admission admission, LateReadings late_readings, WriteListener& listener,
             std::optional<Correction> correction = std::nullopt);

  LateReadings late;             // looked up by the write path
  PendingPlace place;            // of a correction; the applier may take it
  window::Applied applied;       // set by the applier
  std::optional<Error> trouble;  // set by the applier: what the sender is told, although the batch is durable

  void finished(Result<Position> position) override;

 private:
  friend class PendingWrites;
  void list_conflicts();
  PendingWrites& home_;
  std::vector<std::uint32_t> indices_;
  WriteListener* listener_ = nullptr;
  WriteOutcome outcome_;
  PendingWrite* next_ = nullptr;  // among the free ones
};

// Keeps the memory of writes that are over for those to come: a small write then costs no allocation.
// Bounded by limits::kPendingWritesKept and kPendingWriteBytesKept. Thread-safe: those who begin
// writes share a lock, those who finish them take none.
class PendingWrites {
 public:
  struct GiveBack {
    void operator()(PendingWrite* write) const { write->home_.give_back(*write); }
  };
  using Taken = std::unique_ptr<PendingWrite, GiveBack>;

  PendingWrites() = default;
  ~PendingWrites();  // after every write is finished
  PendingWrites(const PendingWrites&) = delete;
  PendingWrites& operator=(const PendingWrites&) = delete;

  [[nodiscard]] Taken take();

 private:
  friend class PendingWrite;
  // Whether its memory is kept; threads that come here together may keep a few too many.
  [[nodiscard]] bool keeps(const PendingWrite& write) const;
  void give_back(PendingWrite& write);

  std::mutex mutex_;
  PendingWrite* free_ = nullptr;                  // guarded by mutex_
  std::atomic<PendingWrite*> returned_{nullptr};  // newest first; free_ takes them all when it is empty
  std::atomic<std::size_t> kept_{0};
};

}  // namespace temperature::pipeline
