#pragma once

#include <rocksdb/options.h>

// How the history uses RocksDB.
namespace temperature::history {

rocksdb::DBOptions store_options(rocksdb::Env* env);
rocksdb::ColumnFamilyOptions volume_options();
rocksdb::ColumnFamilyOptions former_options();  // of the former format's blocks, to be read
rocksdb::ColumnFamilyOptions small_options();

}  // namespace temperature::history
