#pragma once

#include <filesystem>
#include <optional>

#include "journal/journal.h"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace temperature::journal {

// Journal::read() of an embedded journal's instance. REQUIRES: everything up to `upto` was written. `path` is for
// messages. Any thread, beside whoever writes and releases.
Result<std::optional<Position>> read_again(rocksdb::DB& db, const std::filesystem::path& path, Position after,
                                           Position upto, const TakeRecord& take);

// The first position that is still there; nullopt: the journal is empty.
std::optional<Position> first_position(rocksdb::DB& db);

}  // namespace temperature::journal
