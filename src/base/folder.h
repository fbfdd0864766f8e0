#pragma once

#include <cstdint>
#include <filesystem>

namespace temperature {

// The bytes of the files that stand in a folder, not of those below it. Files that go meanwhile are passed over.
std::uint64_t bytes_of_files(const std::filesystem::path& folder);

}  // namespace temperature
