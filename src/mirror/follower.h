#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "catalogue/catalogue.h"
#include "journal/journal.h"
#include "mirror/journal_trail.h"
#include "mirror/local_state.h"
#include "mirror/not_taken_rows.h"
#include "mirror/obstacle.h"
#include "mirror/owed_ranges.h"
#include "mirror/target.h"
#include "pipeline/pipeline.h"
#include "upkeep/format_file.h"

namespace temperature::limits {

// Readings of the journal that are written to the database in one transaction; it ends behind the group of records in
// which there are as many.
inline constexpr std::size_t kMirrorBatchReadings = 100'000;
// Readings of owed ranges that are written to the database in one transaction.
inline constexpr std::size_t kMirrorOwedReadings = 100'000;
// Series of owed ranges that are looked at for one transaction, however little they have.
inline constexpr std::size_t kMirrorOwedSeries = 10'000;
// Minutes for which the journal keeps what the database has acknowledged, if there is room: a standby that takes over
// may be behind.
inline constexpr std::chrono::minutes kMirrorGrace{5};

}  // namespace temperature::limits

namespace temperature::mirror {

// How to take a database that is another journal's, or ahead of this one.
enum class TakeOver : std::uint8_t {
  no,     // refuse
  empty,  // remove every reading in it, and write what is held here
};

struct FollowerOptions {
  std::filesystem::path data_dir;
  JournalId journal_id{};
  std::optional<upkeep::FormatFile::Fork> forked_from{};
  std::uint64_t journal_bytes_max = 0;  // that the journal keeps for the database
  std::size_t batch_readings = limits::kMirrorBatchReadings;
  std::size_t owed_readings = limits::kMirrorOwedReadings;
  std::chrono::milliseconds grace = limits::kMirrorGrace;
};

// Writes what the journal has to a database, each reading exactly once: follows the journal by position, and replaces
// ranges of time where it cannot. docs/decisions/the-mirror-follows-the-journal.md has the argument. One thread, but
// for status().
class Follower {
 public:
  // All outlive it.
  Follower(FollowerOptions options, const journal::Journal& journal, pipeline::Pipeline& pipeline,
           const catalogue::Catalogue& catalogue, NotTakenRows& not_taken);

  // Before the pipeline starts: what the folder knows, and the hold on the journal. Says what is odd about it; empty:
  // nothing.
  std::string prepare();
  // After its recovery, which ended with this record.
  void begin(Position recovered, JournalTrail::Time now);

  // To be called about once a second, whether there is a database or not: keeps the hold on the journal within its
  // bound. Error: the folder or the journal fails.
  Result<void> tend(JournalTrail::Time now);

  // Finds out where the database stands, and makes it ours. Before step(), and again after every obstacle.
  Progress<void> attach(Target& target, TakeOver take_over);

  // What the database says, when attached. Valid until the next call.
  [[nodiscard]] const Fence* fence() const { return fence_ ? &*fence_ : nullptr; }

  // Writes one transaction. True: there may be more to do at once.
  Progress<bool> step(Target& target);

  // Readings of all rooms with from <= timestamp < to are written anew. Error: it cannot be kept in mind.
  Result<void> owe(Timestamp from, Timestamp to);

  // Writes down what is known, for the next start.
  Result<void> leave();

  struct Status {
    std::atomic<std::uint64_t> position{0};         // the database has, but for what is owed
    std::atomic<std::uint64_t> behind_bytes{0};     // of the journal, behind it
    std::atomic<std::uint64_t> behind_readings{0};  // taken since the start of the process
    std::atomic<std::int64_t> lag_ms{0};            // since when the oldest of them waits
    std::atomic<std::uint64_t> owed_ranges{0};
    std::atomic<std::uint64_t> rows{0};       // written
    std::atomic<std::uint64_t> owed_rows{0};  // of them, of ranges
    std::atomic<std::uint64_t> batches{0};
    std::atomic<std::uint64_t> journal_bytes{0};  // kept for the database
  };
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  // How far a range that is being written is done: up to `from` of the series with that number, in the order of
  // Catalogue::window_series().
  struct Working {
    OwedRange range;
    std::size_t series = 0;
    Timestamp from;
  };

  enum class Begin : std::uint8_t { as_it_is, emptied };
  [[nodiscard]] Progress<Begin> begin_at(const std::optional<Fence>& found, TakeOver take_over);
  void start_behind(const Fence& found, Position position);
  void moved(const Fence& to);
  void owe_all_rooms(Timestamp from, Timestamp to);
  void owe_everything();
  void owe_scope(const Deletion& deletion);
  [[nodiscard]] Result<void> owe_journal(Position upto);
  [[nodiscard]] Result<void> keep();
  [[nodiscard]] std::size_t owed() const { return local_.owed.size() + (working_ ? 1 : 0); }
  [[nodiscard]] Progress<bool> follow(Target& target);
  [[nodiscard]] Progress<bool> replace(Target& target);
  [[nodiscard]] Result<std::optional<Position>> collect(Position upto);
  [[nodiscard]] Result<void> collect_owed(std::vector<OwedRange>& begun);
  [[nodiscard]] Progress<bool> thin_out(Target& target, std::size_t owed_now);
  [[nodiscard]] Progress<void> write(Target& target, Position position, std::size_t owed_after);
  void note_status(JournalTrail::Time now);

  const FollowerOptions options_;
  const journal::Journal& journal_;
  pipeline::Pipeline& pipeline_;
  const catalogue::Catalogue& catalogue_;
  NotTakenRows& not_taken_;

  LocalState local_;  // `owed` without what is being worked at
  bool owes_everything_ = false;
  std::optional<JournalTrail> trail_;
  Position kept_after_;
  Position cursor_;             // the database has the journal up to here, but for what is owed
  Position absent_upto_;        // whether records up to this one are fresh is not known
  std::optional<Fence> fence_;  // as the database has it, when attached
  std::int64_t attempted_ = 0;  // the highest number of a fence that may be ours
  std::optional<Working> working_;
  Batch batch_;                // scratch
  std::size_t kept_owed_ = 0;  // ranges when they were written down last
  Status status_;
};

}  // namespace temperature::mirror
