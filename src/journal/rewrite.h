#pragma once

#include <rocksdb/db.h>

#include <filesystem>

#include "base/error.h"
#include "journal/rocks_options.h"

namespace temperature::journal {

// Has the groups of a range of keys (its end excluded) leave the files that they share with others, durably, and the
// log too. `thorough`: even out of files that nothing else needs written anew. Errors: as error_of().
Result<void> rewrite_without(rocksdb::DB& db, const std::filesystem::path& path, const KeyRange& range, bool thorough);

}  // namespace temperature::journal
