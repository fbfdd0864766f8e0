#pragma once

#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/ids.h"

// How the journal uses RocksDB.
namespace temperature::journal {

// What became of RocksDB's flushes and compactions.
enum class Background : std::uint8_t { fine, failed, disk_full };

// `background` is set when one fails, and then `failed` is told, on a thread of RocksDB's; both must outlive the
// database. `write_buffer_bytes`: in memory before they become a file; 0: 16 MiB.
rocksdb::Options rocks_options(rocksdb::Env* env, std::atomic<Background>& background,
                               std::function<void(const rocksdb::Status& why)> failed = {},
                               std::size_t write_buffer_bytes = 0);

// A group's key: its first position, big-endian, so that positions sort as bytes.
std::string key_of(Position position);
std::optional<Position> position_of(const rocksdb::Slice& key);

// Two groups' keys, in the form of RocksDB's ranges. Whether the end belongs to the range depends on the call.
struct KeyRange {
  KeyRange(Position from, Position to) : begin_key(key_of(from)), end_key(key_of(to)) {}
  KeyRange(const KeyRange&) = delete;  // the slices point into it
  KeyRange& operator=(const KeyRange&) = delete;
  ~KeyRange() = default;

  const std::string begin_key;
  const std::string end_key;
  const rocksdb::Slice begin{begin_key};
  const rocksdb::Slice end{end_key};
};

// disk_full, journal_damaged or journal_failed. `what`: "write to the journal".
Error error_of(const rocksdb::Status& status, std::string_view what, const std::filesystem::path& path);
// disk_full or journal_failed; nullopt when it is fine.
std::optional<Error> error_of(Background background, const std::filesystem::path& path);
// overloaded: of a batch for which there is no memory.
Error no_memory();

}  // namespace temperature::journal
