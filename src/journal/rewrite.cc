#include "journal/rewrite.h"

#include <rocksdb/options.h>

namespace temperature::journal {

// A filter for compactions would do as well, but then no file moves down a level as it is.
Result<void> rewrite_without(rocksdb::DB& db, const std::filesystem::path& path, const KeyRange& range, bool thorough) {
  rocksdb::WriteOptions write;
  write.sync = true;
  rocksdb::CompactRangeOptions compact;
  compact.exclusive_manual_compaction = false;
  if (thorough) compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  rocksdb::Status status = db.DeleteRange(write, db.DefaultColumnFamily(), range.begin, range.end);
  if (status.ok()) status = db.Flush({});
  if (status.ok()) status = db.CompactRange(compact, &range.begin, &range.end);
  if (!status.ok()) return std::unexpected(error_of(status, "tidy up the journal", path));
  return {};
}

}  // namespace temperature::journal
