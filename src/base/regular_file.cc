#include "base/regular_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace temperature {
namespace {

std::unexpected<Error> cannot_read(const std::filesystem::path& file, std::string_view why) {
  return failure(ErrorCode::startup, fmt::format("cannot read {}: {}", file.string(), why));
}

// Opened without waiting for whoever writes a FIFO.
int open_at_once(const std::filesystem::path& file) {
  return ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

// The file's size.
Result<std::size_t> check(int descriptor, const std::filesystem::path& file, std::size_t bytes_max) {
  struct stat status{};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) return cannot_read(file, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return cannot_read(file, "it is no regular file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > bytes_max) return cannot_read(file, fmt::format("it has more than {} bytes", bytes_max));
  return size;
}

}  // namespace

Result<std::string> read_regular_file(const std::filesystem::path& file, std::size_t bytes_max) {
  const Descriptor in(open_at_once(file));
  const auto size = check(in.get(), file, bytes_max);
  if (!size) return std::unexpected(size.error());
  // Some that say 0 have something (/proc), and one may grow.
  std::string bytes(*size + 1, '\0');
  std::size_t read = 0;
  while (true) {
    const ssize_t count = ::read(in.get(), bytes.data() + read, bytes.size() - read);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot_read(file, std::strerror(errno));
    if (count == 0) break;
    read += static_cast<std::size_t>(count);
    if (read > bytes_max) return cannot_read(file, fmt::format("it has more than {} bytes", bytes_max));
    if (read == bytes.size()) bytes.resize(bytes.size() * 2);
  }
  bytes.resize(read);
  return bytes;
}

Result<void> check_regular_file(const std::filesystem::path& file, std::size_t bytes_max) {
  const Descriptor in(open_at_once(file));
  const auto size = check(in.get(), file, bytes_max);
  if (!size) return std::unexpected(size.error());
  return {};
}

}  // namespace temperature
