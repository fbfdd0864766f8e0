#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/error.h"

// Files and folders that outlive a power cut.
namespace temperature::upkeep {

// Writes a file and syncs it; not the name.
Result<void> write_file(const std::filesystem::path& file, std::string_view bytes);

// Writes a file aside and gives it its name, both synced: afterwards it is whole, or as it was.
Result<void> replace_file(const std::filesystem::path& file, std::string_view bytes);

// Copies a file with its permissions and syncs it; not the name. `copied` is told of each piece's bytes.
Result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to,
                       const std::function<void(std::uint64_t)>& copied);

// Copies a folder and all that is in it, everything synced, its own name in the folder above too.
Result<void> copy_folder(const std::filesystem::path& from, const std::filesystem::path& to,
                         const std::function<void(std::uint64_t)>& copied);

// Of all files in the folder and below it, as far as they can be seen.
std::uint64_t bytes_in(const std::filesystem::path& folder);

// Whether `inner`, which need not be there yet, is `outer` or lies in it, whatever the two are called: by symbolic
// links,
// "..", or mounts.
bool lies_in(const std::filesystem::path& inner, const std::filesystem::path& outer);

// The nearest folder above `folder`, which need not be there yet, that is a data folder or a backup; empty: none is.
std::filesystem::path store_around(const std::filesystem::path& folder);

// True also when it is not there.
bool is_empty_folder(const std::filesystem::path& folder);

}  // namespace temperature::upkeep
