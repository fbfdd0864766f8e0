#pragma once

#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include <filesystem>
#include <memory>

// What our RocksDB instances have in common.
namespace temperature::rocks {

// Every checksum is looked at, manifests stay small, work in the background makes way (rocks/pace.h), and RocksDB
// writes no log file of its own: what goes wrong comes as a status to whom it concerns. `env`, which outlives the
// instance, may be null: the system's.
void set_common(rocksdb::DBOptions& options, rocksdb::Env* env);

// Has a folder's own name outlive a power cut: all that is in it would go with it.
[[nodiscard]] rocksdb::Status sync_name(rocksdb::Env& env, const std::filesystem::path& folder);

[[nodiscard]] bool is_disk_full(const rocksdb::Status& status);

}  // namespace temperature::rocks
