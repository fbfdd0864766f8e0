#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "history/purges.h"
#include "history/rocks_store.h"

namespace temperature::history {

// The purges of a RocksStore. docs/formats/history.md says how they are noted.
class RocksPurges final : public Purges {
 public:
  // The store outlives it.
  explicit RocksPurges(const RocksStore& store) : store_(store) {}
  // Before anything else. Error history_failed.
  Result<void> load();

  Result<void> note(const PurgeNote& note) override;
  [[nodiscard]] std::vector<PurgeNote> list() const override;
  Result<bool> work(Position upto) override;
  Result<void> done(Position upto) override;

 private:
  [[nodiscard]] bool old_views() const;
  // False: it was ended early.
  [[nodiscard]] Result<bool> compact(Position upto) const;

  const RocksStore& store_;
  mutable std::mutex mutex_;
  std::vector<PurgeNote> notes_;  // guarded by mutex_; in order

  // The worker's: how far it has come.
  Position begun_;
  std::uint64_t begun_at_ = 0;  // the store's sequence number: all that is to go was written before it
  Position compacted_;
  std::set<std::filesystem::path> stale_;
};

}  // namespace temperature::history
