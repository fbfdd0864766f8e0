#pragma once

#include <cstdint>
#include <filesystem>

namespace temperature {

// Bytes of memory that this process may have at most: the least of the machine's memory, RLIMIT_AS, and the limits of
// its control groups and of those above them (memory.max of version 2, memory.limit_in_bytes of version 1). `root`:
// where proc and sys/fs/cgroup are.
std::uint64_t memory_limit(const std::filesystem::path& root = "/");

}  // namespace temperature
