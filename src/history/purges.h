#pragma once

#include <cstddef>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/ids.h"

namespace temperature::history {

// What a deletion took from `from` to before `to` is to leave every file, too.
struct PurgeNote {
  Position deletion;
  Timestamp from;
  Timestamp to;

  bool operator==(const PurgeNote&) const = default;
};

// The purges of a history that are to be done: notes that outlive a restart, and the work. Thread-safe, but for what is
// said below.
class Purges {
 public:
  Purges() = default;
  Purges(const Purges&) = delete;
  Purges& operator=(const Purges&) = delete;
  virtual ~Purges() = default;

  // Durable with the next commit, with what was erased. Noting it again changes nothing. The writer's.
  virtual Result<void> note(const PurgeNote& note) = 0;
  // In order of their deletions.
  [[nodiscard]] virtual std::vector<PurgeNote> list() const = 0;

  // Whether no file has anything of what the deletions up to this one took, which are committed: writes what may have
  // anew, and looks at the files. False: some still have, because of a reader for one; ask again. Takes a while. One
  // caller at a time, beside the writer. Errors: history_failed, disk_full.
  virtual Result<bool> work(Position upto) = 0;
  // Forgets the notes up to this one, durably.
  virtual Result<void> done(Position upto) = 0;
};

}  // namespace temperature::history
