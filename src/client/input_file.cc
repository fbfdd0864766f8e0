#include "client/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/descriptor.h"
#include "client/bounds.h"

namespace temperature::client {
namespace {

std::unexpected<Error> io_failure(std::string_view what, std::string_view name) {
  return failure(ErrorCode::startup, fmt::format("cannot {} {}: {}", what, name, std::strerror(errno)));
}

// A file without a name: it is gone when it is closed, whatever happens.
int open_unnamed(std::string& directory) {
  const char* wanted = std::getenv("TMPDIR");
  directory = wanted != nullptr && *wanted != '\0' ? wanted : "/tmp";
  std::string path = directory + "/temperature-replay-XXXXXX";
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor >= 0) ::unlink(path.c_str());
  return descriptor;
}

}  // namespace

Result<InputFile> InputFile::open(const std::string& path) {
  if (path == "-") {
    const int descriptor = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0) return io_failure("read", "standard input");
    return InputFile(descriptor, "standard input");
  }
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return io_failure("open", path);
  return InputFile(descriptor, path);
}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      bytes_read_(other.bytes_read_),
      rewindable_(other.rewindable_) {}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> InputFile::read(std::span<char> out) {
  for (;;) {
    const ssize_t count = ::read(descriptor_, out.data(), out.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_failure("read", name_);
    bytes_read_ += static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(count);
  }
}

Result<void> InputFile::make_rewindable() {
  CHECK(bytes_read_ == 0);
  rewindable_ = ::lseek(descriptor_, 0, SEEK_CUR) == 0;
  if (rewindable_) return {};
  std::string directory;
  const int copy = open_unnamed(directory);
  if (copy < 0) return io_failure("make a temporary file in", directory);
  const int source = std::exchange(descriptor_, copy);
  std::vector<char> piece(kReadBytes);
  bool complete = false;
  while (!complete) {
    const ssize_t count = ::read(source, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    complete = count == 0;
    if (!write_all(copy, {piece.data(), static_cast<std::size_t>(count)})) break;
  }
  const int problem = errno;
  ::close(source);
  errno = problem;
  if (!complete) return io_failure("copy into " + directory, name_);
  rewindable_ = true;
  return rewind();
}

Result<void> InputFile::rewind() {
  CHECK(rewindable_);
  if (::lseek(descriptor_, 0, SEEK_SET) != 0) return io_failure("go back in", name_);
  bytes_read_ = 0;
  return {};
}

std::optional<std::uint64_t> InputFile::bytes_total() const {
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace temperature::client
