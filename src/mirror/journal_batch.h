#pragma once

#include <cstdint>
#include <vector>

#include "catalogue/catalogue.h"
#include "journal/record.h"
#include "mirror/not_taken_rows.h"
#include "mirror/target.h"
#include "model/deletion.h"
#include "model/ids.h"
#include "model/stages.h"

namespace temperature::mirror {

// Makes a batch of the journal's records, in their order. A batch first clears, then writes: what a deletion or a
// correction takes away is left out of what came before it, and its place is cleared, so that what comes after it finds
// that free. What the database has from later records already, because a range was owed, goes too and is written again
// with those records. One thread's.
class JournalBatch {
 public:
  // Whether rows of records up to `absent_upto` are in the database is not known. All outlive it; `batch` is empty.
  JournalBatch(const catalogue::Catalogue& catalogue, const NotTakenRows& not_taken, Position absent_upto, Batch& batch)
      : catalogue_(catalogue), not_taken_(not_taken), absent_upto_(absent_upto), batch_(batch) {}

  void add(const journal::Record& record);
  // After the last one.
  void finish();

 private:
  void clear(const Deletion& deletion);
  void replace(const ReadingColumns& readings, const std::vector<std::uint32_t>& without, Rows& corrected);
  Rows& rows_of(Position record);

  const catalogue::Catalogue& catalogue_;
  const NotTakenRows& not_taken_;
  const Position absent_upto_;
  Batch& batch_;
};

}  // namespace temperature::mirror
