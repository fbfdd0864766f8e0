#pragma once

#include <cstddef>
#include <cstdint>

#include "base/error.h"

// What the process asks of the system before it serves: memory, threads, files.
namespace temperature::app {

inline constexpr const char* kNoMemory =
    "cannot start: there is not enough memory (ulimit -v, the memory of the container)";
inline constexpr const char* kNoThread =
    "cannot start: no thread can be started (ulimit -u, the pids of the container)";

// Returns how many bytes this process may have. With few of them the allocator gives back what was freed. Once.
std::uint64_t prepare_memory();

// Whether as many threads as will be may be started: RocksDB aborts where it cannot start one. Error: startup.
Result<void> check_threads(std::size_t http_threads);

// To as many files as the process may open: each connection is one.
void raise_file_limit();

}  // namespace temperature::app
