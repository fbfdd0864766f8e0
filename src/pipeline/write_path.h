#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "ingest/raw_reading.h"
#include "model/ids.h"
#include "model/journal_id.h"
#include "model/permit.h"
#include "model/reading.h"

namespace temperature::accept {
class Acceptor;
}
namespace temperature::catalogue {
class Catalogue;
}
namespace temperature::history {
class HistorySource;
}
namespace temperature::journal {
class Journal;
}
namespace temperature::window {
class Windows;
}

namespace temperature::pipeline {

class AdmitJudgements;
class KnownGaps;
class KnownTime;
class LookUps;
class PendingDeletions;
class PendingPlace;
class PendingWrites;
enum class Senders : std::uint8_t;
class ServiceState;

// A reading that was refused because another value is stored for its series and timestamp.
struct Conflict {
  std::uint32_t index = 0;  // its place in the request
  double stored = 0;
  double refused = 0;
  SeriesId id = {};
  Timestamp timestamp = kTimestampMin;
  SeriesKey series = {};  // from WritePath::name_conflicts(); the views live as long as the catalogue
};

// Conflicts of one series that are only counted.
struct ConflictCount {
  SeriesKey series;
  std::uint64_t count = 0;
};

// Refusals for one reason that are only counted.
struct RejectedCount {
  ErrorCode code = ErrorCode::internal;
  std::uint64_t count = 0;
};

// What became of a request's readings. The lists hold the first limits::kDetailsListedMax.
struct WriteOutcome {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t replaced = 0;  // of a correction
  std::uint64_t rejected = 0;
  std::uint64_t rejected_for_now = 0;  // of these: at a limit (series_limit)
  std::vector<Conflict> conflict_details;
  std::vector<ingest::Rejected> rejected_details;
  std::vector<SeriesId> contradicted;             // whose conflicts are beyond those, the first kConflictsNamedMax
  std::vector<ConflictCount> conflicts_unlisted;  // the same by series, from WritePath::name_conflicts()
  std::vector<RejectedCount> rejected_unlisted;   // beyond the listed ones
  Position position;                   // of the batch; 0 when nothing was admissible and so nothing was journalled
  std::shared_ptr<const void> memory;  // of a large batch, which takes a while to give back: whoever words it does
};

// Told once what became of a write. May be called before WritePath::write() returns, or later from the journal's
// thread, which everybody waits for: it keeps what it is given, and words nothing there. The write is over when it is
// called.
class WriteListener {
 public:
  virtual ~WriteListener() = default;
  virtual void written(Result<WriteOutcome> outcome) = 0;
};

// The way of a reading: accept -> look into the history where it is late -> journal -> apply.
// Thread-safe.
class WritePath {
 public:
  // Of the clock: what senders say of it.
  struct Judge {
    KnownTime& time;
    Senders senders;
  };
  // What corrections need.
  struct Corrections {
    PendingDeletions& pending;
    AdmitJudgements& admit;
  };
  WritePath(const catalogue::Catalogue& catalogue, const accept::Acceptor& acceptor, const window::Windows& windows,
            const history::HistorySource& history, const std::atomic<std::uint64_t>& history_generation,
            LookUps& look_ups, journal::Journal& journal, const ServiceState& state, const Clock& clock,
            std::uint64_t unflushed_max, Judge judge, Corrections corrections, JournalId journal_id);
  ~WritePath();  // after the journal has stopped
  WritePath(const WritePath&) = delete;
  WritePath& operator=(const WritePath&) = delete;

  // Checks and stores what a parser found. `parsed` is not used after the return; `listener` must
  // live until it is told. Errors: recovering, shutting_down, overloaded, journal_failed, disk_full, clock_not_set,
  // history_failed. Readings that are not admissible are in the outcome, not an error; `permit` says what the sender
  // may write (nullptr: everything) and is not used after the return.
  // `correction`: the readings take the places of those with other values, for this reason, of at most
  // limits::kReasonBytesMax bytes; then also overloaded (too many are pending), startup (the folder's format cannot
  // rise).
  void write(const ingest::Parsed& parsed, std::string_view sender, WriteListener& listener,
             const Permit* permit = nullptr, std::optional<std::string> correction = std::nullopt);

  // Finds the names of an outcome's conflicts, which the journal's thread has no time for. Any thread.
  void name_conflicts(WriteOutcome& outcome) const;

  // Of the journal in whose positions outcomes are told; empty: it has none.
  [[nodiscard]] const std::string& journal_id() const { return journal_id_; }

  // Set when the service stops: ingest::Parsed::stopping.
  [[nodiscard]] const std::atomic<bool>& stopping() const;

  // Writes that were answered history_failed, since the start.
  [[nodiscard]] std::uint64_t look_ups_failed() const;

  // Why write() would refuse every batch now, short of the journal's own troubles.
  [[nodiscard]] Result<void> may_write() const;

  // Readings that were not admissible for this reason, since the start.
  [[nodiscard]] std::uint64_t rejected(ErrorCode code) const {
    return rejected_[std::to_underlying(code)].load(std::memory_order_relaxed);
  }

 private:
  // A place among those that are pending.
  [[nodiscard]] Result<PendingPlace> admit_correction(std::size_t readings);
  void count_rejected(const ingest::CountByCode& counts);

  const catalogue::Catalogue& catalogue_;
  const accept::Acceptor& acceptor_;
  const window::Windows& windows_;
  const history::HistorySource& history_;
  const std::atomic<std::uint64_t>& history_generation_;
  LookUps& look_ups_;
  journal::Journal& journal_;
  const ServiceState& state_;
  const Clock& clock_;
  const Judge judge_;
  const Corrections corrections_;
  const std::unique_ptr<KnownGaps> gaps_;
  const std::unique_ptr<PendingWrites> pending_;
  std::array<std::atomic<std::uint64_t>, kErrorCodes> rejected_{};
  const std::uint64_t unflushed_max_;
  const std::string journal_id_;  // more readings than this wait for the history: overloaded
};

}  // namespace temperature::pipeline
