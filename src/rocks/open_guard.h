#pragma once

#include <rocksdb/status.h>

#include <filesystem>
#include <functional>
#include <string_view>

namespace temperature::rocks {

// Calls `open`, which opens an instance or reads all of it. An exception becomes a status (Corruption). Where RocksDB
// ends the process by an assertion of its own, because files are what they cannot be, the process says in one line that
// `whose` ("the journal") in `folder` is damaged, and exits with 1. One call at a time in the whole process.
rocksdb::Status guarded(std::string_view whose, const std::filesystem::path& folder,
                        const std::function<rocksdb::Status()>& open);

}  // namespace temperature::rocks
