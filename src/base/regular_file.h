#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/error.h"

namespace temperature {

// The bytes of a file that somebody named. Whatever else stands there, a FIFO, a device, a folder, is refused at once:
// to open or read one may take for ever, and a signal would not end it. Error startup: names the file and why it cannot
// be read, or that it has more than `bytes_max` bytes.
Result<std::string> read_regular_file(const std::filesystem::path& file, std::size_t bytes_max);

// Whether it could be read, for those who have another read it. Error startup.
Result<void> check_regular_file(const std::filesystem::path& file, std::size_t bytes_max);

}  // namespace temperature
