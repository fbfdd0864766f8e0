#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/histogram.h"
#include "catalogue/definition.h"
#include "model/correction.h"
#include "model/deletion.h"
#include "model/ids.h"
#include "model/stages.h"

namespace temperature::journal {

// Proof that a journal made a record durable. Only journals can make one.
class Stamp {
 private:
  friend class RocksJournal;
  friend class MemoryJournal;
  Stamp() = default;
};

// One batch, which may be a correction, or one deletion, or a mark that says nothing, on its way through the journal
// and back. The caller keeps it
// alive until finished(), and may then send another batch with it.
class Submission {
 public:
  Submission() = default;
  explicit Submission(Accepted batch) : batch_(std::move(batch)) {}
  explicit Submission(Timestamp of_mark) : received_(of_mark) {}
  explicit Submission(Deletion deletion) : deletion_(std::make_unique<const Deletion>(std::move(deletion))) {}
  virtual ~Submission() = default;
  Submission(const Submission&) = delete;
  Submission& operator=(const Submission&) = delete;

  // REQUIRES: it is neither a deletion nor a mark.
  [[nodiscard]] const Accepted& batch() const { return *batch_; }
  // Why its readings take the places of others; nullptr: they do not.
  [[nodiscard]] const std::string* correction() const { return correction_ ? &*correction_ : nullptr; }
  // nullptr: it is a batch or a mark.
  [[nodiscard]] const Deletion* deletion() const { return deletion_.get(); }
  [[nodiscard]] Timestamp received() const {
    return deletion_ ? deletion_->origin.received : (batch_ ? batch_->origin().received : received_);
  }
  [[nodiscard]] bool is_mark() const { return !batch_ && !deletion_; }

  // Called once, from the journal's thread: the position when the batch is durable and was delivered,
  // else why not. journal_failed and disk_full mean "perhaps stored": repeating is safe.
  // Must not block; the submission may be gone when it returns.
  virtual void finished(Result<Position> outcome) = 0;

 protected:
  // REQUIRES: it is not on its way. `correction`: the reason, if its readings take the places of others.
  void set_batch(Accepted batch, std::optional<std::string> correction = std::nullopt) {
    batch_ = std::move(batch);
    correction_ = std::move(correction);
  }
  [[nodiscard]] ReadingColumns release() { return batch_ ? std::move(*batch_).release() : ReadingColumns(); }
  [[nodiscard]] std::size_t bytes_kept() const {
    return payload_.capacity() + (batch_ ? batch_->readings().bytes() : 0);
  }

 private:
  friend class RocksJournal;
  friend class MemoryJournal;
  [[nodiscard]] std::uint64_t definitions() const { return batch_ ? batch_->definitions() : 0; }

  std::optional<Accepted> batch_;
  std::optional<std::string> correction_;
  std::unique_ptr<const Deletion> deletion_;
  Timestamp received_;   // of a mark
  std::string payload_;  // the encoded record
};

// Who takes what a journal delivers: one subscriber, one thread at a time, in order of position.
class Subscriber {
 public:
  virtual ~Subscriber() = default;

  // Definitions that later records rely on. Those of batches just appended are in the catalogue already.
  virtual Result<void> defined(Position position, std::span<const catalogue::Definition> definitions) = 0;

  // A durable batch. `submission` is the one it came from, or nullptr in recovery.
  virtual void apply(const Journalled& batch, Submission* submission) = 0;

  // A durable batch whose readings take the places of others; as apply().
  virtual void replace(const JournalledCorrection& correction, Submission* submission) = 0;

  // A durable deletion; as apply().
  virtual void remove(const JournalledDeletion& deletion, Submission* submission) = 0;

  // A stored record that this program does not know, and that says that it may be passed over.
  virtual void pass_over(Position) {}
};

struct Record;

// Takes a record that was read again; false: no group of records after this one's.
using TakeRecord = std::function<bool(const Record& record)>;

struct Recovery {
  Position last;                // the last record in the journal
  std::uint64_t records = 0;    // delivered
  std::uint64_t readings = 0;   // delivered
  std::uint64_t cut_bytes = 0;  // of a torn tail
};

// What readers may ask about a journal at any time, from any thread: kept, so that asking costs nothing.
struct JournalStatus {
  Position last;      // durable
  Position released;  // records up to this one are gone
  bool writable = true;
  std::size_t queue_bytes = 0;
};

// What a journal has done since it was opened. Wait-free; any thread.
struct JournalFigures {
  std::atomic<std::uint64_t> groups{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> bytes{0};
  Histogram sync_ns;  // of a group: written and synced
};

// The durable, ordered log of accepted batches. Durable before delivered, delivered before finished().
class Journal {
 public:
  virtual ~Journal() = default;

  // Delivers the stored records after `after` to `subscriber`, then every record that is appended.
  // Returns when the stored ones have been delivered. Call once. Error journal_damaged when a record is
  // damaged, of an unknown kind or version, or a position is missing between `after` and the first one.
  virtual Result<Recovery> start(Position after, Subscriber& subscriber) = 0;

  // Queues the batch or deletion; returns at once. Group commit: one sync for all that wait. Any thread.
  // When the queue is full, finished() is called with overloaded before this returns.
  virtual void append(Submission& submission) = 0;

  // Hands out stored records again, after < position <= `upto`, in order, and without the places of their readings.
  // Ends behind the group of the record that `take` returned false for: a group is decoded once. Returns the last
  // position handed out (`after` when there are none yet), or nullopt when the record behind `after` was released. Any
  // thread, after start(). Error journal_damaged, or as start().
  [[nodiscard]] virtual Result<std::optional<Position>> read(Position after, Position upto,
                                                             const TakeRecord& take) const = 0;

  // The records up to and including `position` may go. Any thread.
  virtual Result<void> release(Position position) = 0;

  // Gives back the space of released records that share a file with later ones: for idle times. Any thread.
  virtual Result<void> settle() = 0;

  // Whether no file has a byte of the records up to and including `position` any more, which release() has let go:
  // writes anew what they share a file with, and looks at the files. False: some still have; ask again. A record
  // behind those of `position`'s commit must be there: a journal never becomes empty. Takes a while. Any thread.
  virtual Result<bool> purge(Position position) = 0;

  // Finishes what is queued, then refuses with shutting_down. Idempotent; the destructor calls it.
  virtual void stop() = 0;

  [[nodiscard]] virtual JournalStatus status() const = 0;
  // Looks at its files: not for a connection's thread.
  [[nodiscard]] virtual std::uint64_t bytes_on_disk() const = 0;
  [[nodiscard]] virtual const JournalFigures& figures() const = 0;
};

}  // namespace temperature::journal
