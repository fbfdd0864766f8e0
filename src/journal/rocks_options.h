#pragma once

#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/ids.h"

// How the journal uses RocksDB.
namespace temperature::journal {

// `background_failed` is set when a flush or compaction failed; it must outlive the database.
rocksdb::Options rocks_options(rocksdb::Env* env, std::atomic<bool>& background_failed);

// A group's key: its first position, big-endian, so that positions sort as bytes.
std::string key_of(Position position);
std::optional<Position> position_of(const rocksdb::Slice& key);

// disk_full, journal_damaged or journal_failed. `what`: "write to the journal".
Error error_of(const rocksdb::Status& status, std::string_view what, const std::filesystem::path& path);

}  // namespace temperature::journal
