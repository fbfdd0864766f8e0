#include "base/folder.h"

#include <system_error>

namespace temperature {

std::uint64_t bytes_of_files(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  std::filesystem::directory_iterator file(folder, ignored);
  for (; file != std::filesystem::directory_iterator(); file.increment(ignored)) {
    std::error_code gone;
    const auto size = file->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace temperature
