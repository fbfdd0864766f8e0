#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <set>

// Which files still have the bytes of what an instance let go.
namespace temperature::rocks {

// The tables and logs in the instance's folder that it needs no more and has not deleted yet, and those that it is
// writing just now. Looks at the folder. Any thread.
std::set<std::filesystem::path> stale_files(rocksdb::DB& db, const std::filesystem::path& folder);

// Waits a moment for those of `stale`, which stale_files() returned, to be deleted or done; false: some are not yet. A
// reader may keep one for as long as he reads.
bool have_gone(rocksdb::DB& db, const std::filesystem::path& folder, const std::set<std::filesystem::path>& stale);

}  // namespace temperature::rocks
