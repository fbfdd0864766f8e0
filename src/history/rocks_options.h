#pragma once

#include <rocksdb/options.h>

#include <filesystem>

#include "base/error.h"

// How the history uses RocksDB.
namespace temperature::history {

rocksdb::DBOptions store_options(rocksdb::Env* env);
rocksdb::ColumnFamilyOptions volume_options();
rocksdb::ColumnFamilyOptions former_options();  // of the former format's blocks, to be read
rocksdb::ColumnFamilyOptions small_options();

// RocksDB would begin a new, empty history where CURRENT is gone, and delete the old one's files.
// An absent or empty folder is well. Error history_failed names what is missing.
Result<void> check_files(const std::filesystem::path& folder);

}  // namespace temperature::history
