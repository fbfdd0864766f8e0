#include "journal/reread.h"

#include <rocksdb/db.h>

#include <memory>
#include <utility>

#include "journal/record.h"
#include "journal/rocks_options.h"

namespace temperature::journal {

Result<std::optional<Position>> read_again(rocksdb::DB& db, const std::filesystem::path& path, Position after,
                                           Position upto, const TakeRecord& take) {
  if (after >= upto) return after;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> groups(db.NewIterator(options));
  groups->SeekForPrev(key_of(next(after)));
  Position expected;  // none yet
  Position taken = after;
  bool wanted = true;
  Record record;
  for (; groups->Valid() && wanted && taken < upto; groups->Next()) {
    const rocksdb::Slice value = groups->value();
    auto group = GroupReader::open({value.data(), value.size()});
    if (!group) return std::unexpected(std::move(group.error()));
    const Position first = group->first();
    // Released files go one by one: older ones may still be there.
    if (first > next(taken) || (expected != Position() && first != expected)) break;
    expected = Position(first.value() + group->records());
    if (expected <= next(after)) break;
    while (!group->done() && taken < upto) {
      if (auto decoded = group->next(record); !decoded) return std::unexpected(std::move(decoded.error()));
      if (record.position <= after) continue;
      wanted = take(record) && wanted;
      taken = record.position;
    }
  }
  if (!groups->status().ok()) return std::unexpected(error_of(groups->status(), "read the journal", path));
  return taken > after ? std::optional(taken) : std::nullopt;  // nothing: those behind it are gone
}

std::optional<Position> first_position(rocksdb::DB& db) {
  const std::unique_ptr<rocksdb::Iterator> groups(db.NewIterator({}));
  groups->SeekToFirst();
  return groups->Valid() ? position_of(groups->key()) : std::nullopt;
}

}  // namespace temperature::journal
