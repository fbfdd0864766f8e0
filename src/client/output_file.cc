#include "client/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/descriptor.h"
#include "client/bounds.h"

namespace temperature::client {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGzipMode = "wb6";
constexpr mode_t kNewFile = 0644;
constexpr mode_t kPermissions = 0777;
constexpr int kLinksMax = 40;  // as Linux follows

// A path without symbolic links at its end, or one of this process's descriptors: what /dev/stdout and /dev/fd/63
// (bash's
// >(...)) come to. To open such a descriptor's file anew would write over what others wrote to it before.
struct Resolved {
  fs::path path;
  int descriptor = -1;
};

std::optional<int> own_descriptor(const fs::path& folder, const fs::path& name) {
  if (folder != fmt::format("/proc/{}/fd", ::getpid()) &&
      folder != fmt::format("/proc/{}/task/{}/fd", ::getpid(), ::gettid())) {
    return std::nullopt;
  }
  const std::string digits = name.string();
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// nullopt: `errno` says why the path leads nowhere.
std::optional<Resolved> resolve(const fs::path& given) {
  std::error_code error;
  fs::path path = given;
  for (int links = 0; links <= kLinksMax; ++links) {
    const fs::path folder = fs::canonical(path.has_parent_path() ? path.parent_path() : fs::path("."), error);
    if (error) {
      errno = error.value();
      return std::nullopt;
    }
    const fs::path name = path.filename();
    path = folder / name;
    if (const auto own = own_descriptor(folder, name)) return Resolved{path, *own};
    if (!fs::is_symlink(fs::symlink_status(path, error))) return Resolved{path};
    const fs::path next = fs::read_symlink(path, error);
    if (error) {
      errno = error.value();
      return std::nullopt;
    }
    path = folder / next;  // an absolute one stays itself
  }
  errno = ELOOP;
  return std::nullopt;
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {}

std::unexpected<Error> OutputFile::failed() const {
  return failure(ErrorCode::startup, fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
}

Result<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& path) {
  std::unique_ptr<OutputFile> file(new OutputFile(path));
  if (file->to_stdout()) {
    file->descriptor_ = STDOUT_FILENO;
    return file;
  }
  if (auto opened = file->open(); !opened) return std::unexpected(std::move(opened.error()));
  if (path.ends_with(".gz")) {
    file->gzip_descriptor_ = ::fcntl(file->descriptor_, F_DUPFD_CLOEXEC, 0);
    file->gzip_ = gzdopen(file->gzip_descriptor_, kGzipMode);
    if (file->gzip_ == nullptr) return file->failed();
  }
  return file;
}

Result<void> OutputFile::open() {
  const auto resolved = resolve(path_);
  if (!resolved) return failed();
  if (resolved->descriptor >= 0) {
    descriptor_ = ::fcntl(resolved->descriptor, F_DUPFD_CLOEXEC, 0);
    return descriptor_ < 0 ? Result<void>(failed()) : Result<void>();
  }
  target_ = resolved->path.string();
  struct stat there{};
  if (::lstat(target_.c_str(), &there) != 0) {
    return errno == ENOENT ? open_partial(nullptr) : Result<void>(failed());
  }
  if (S_ISREG(there.st_mode)) return open_partial(&there);
  descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
  return descriptor_ < 0 ? Result<void>(failed()) : Result<void>();
}

// What an export that was killed left is written over; anything else in that place is not ours.
Result<void> OutputFile::open_partial(const struct stat* replaced) {
  std::string partial = target_ + ".partial";
  descriptor_ = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kNewFile);
  struct stat there{};
  if (descriptor_ < 0 || ::fstat(descriptor_, &there) != 0) return failed();
  if (!S_ISREG(there.st_mode)) {
    return failure(ErrorCode::startup,
                   fmt::format("cannot write {}: {} is in the way, and is no file", path_, partial));
  }
  partial_ = std::move(partial);
  if (::ftruncate(descriptor_, 0) != 0) return failed();
  if (replaced == nullptr) return {};
  // Root may leave a file to its owner; others cannot, and it becomes theirs.
  [[maybe_unused]] const int left = ::fchown(descriptor_, replaced->st_uid, replaced->st_gid);
  if (::fchmod(descriptor_, replaced->st_mode & kPermissions) != 0) return failed();
  return {};
}

OutputFile::~OutputFile() {
  if (gzip_ != nullptr) {
    // gzclose() ends the text in order: whoever reads a FIFO would take half of it for all.
    const Descriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    if (nowhere.opened()) ::dup3(nowhere.get(), gzip_descriptor_, O_CLOEXEC);
    gzclose(gzip_);
  }
  if (!to_stdout() && descriptor_ >= 0) ::close(descriptor_);
  if (is_replaced()) ::unlink(partial_.c_str());
}

Result<void> OutputFile::write(std::string_view bytes) {
  if (gzip_ != nullptr) {
    if (!bytes.empty() && gzwrite(gzip_, bytes.data(), static_cast<unsigned>(bytes.size())) <= 0) return failed();
    return {};
  }
  waiting_ += bytes;
  if (waiting_.size() < kReadBytes) return {};
  if (!write_all(descriptor_, waiting_)) return failed();
  waiting_.clear();
  return {};
}

Result<void> OutputFile::finish() {
  if (gzip_ != nullptr) {
    gzFile_s* const closing = std::exchange(gzip_, nullptr);
    if (gzclose(closing) != Z_OK) return failed();
  } else if (!write_all(descriptor_, waiting_)) {
    return failed();
  }
  if (to_stdout()) return {};
  const bool synced = !is_replaced() || ::fsync(descriptor_) == 0;
  if (::close(std::exchange(descriptor_, -1)) != 0 || !synced) return failed();
  if (is_replaced() && std::rename(partial_.c_str(), target_.c_str()) != 0) return failed();
  partial_.clear();
  return {};
}

}  // namespace temperature::client
