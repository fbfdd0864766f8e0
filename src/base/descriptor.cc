#include "base/descriptor.h"

#include <fcntl.h>

#include <cerrno>

namespace temperature {

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::error_code sync_folder(const std::filesystem::path& folder) {
  std::error_code error;
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.opened() || ::fsync(descriptor.get()) != 0) error.assign(errno, std::system_category());
  return error;
}

}  // namespace temperature
