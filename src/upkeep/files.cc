#include "upkeep/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/descriptor.h"
#include "base/sizes.h"

namespace temperature::upkeep {
namespace {

constexpr std::size_t kPieceBytes = limits::kMiB;

std::unexpected<Error> failed(std::string_view what, const std::filesystem::path& file, int reason) {
  return failure(reason == ENOSPC ? ErrorCode::disk_full : ErrorCode::startup,
                 fmt::format("cannot {} {}: {}", what, file.string(), std::strerror(reason)));
}

}  // namespace

Result<void> write_file(const std::filesystem::path& file, std::string_view bytes) {
  const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!out.opened() || !write_all(out.get(), bytes) || ::fsync(out.get()) != 0) return failed("write", file, errno);
  return {};
}

Result<void> replace_file(const std::filesystem::path& file, std::string_view bytes) {
  const std::filesystem::path aside = file.string() + ".new";
  if (auto written = write_file(aside, bytes); !written) return written;
  if (std::rename(aside.c_str(), file.c_str()) != 0) return failed("write", file, errno);
  if (const auto error = sync_folder(file.parent_path())) return failed("write", file, error.value());
  return {};
}

Result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to,
                       const std::function<void(std::uint64_t)>& copied) {
  const Descriptor in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!in.opened() || ::fstat(in.get(), &status) != 0) return failed("read", from, errno);
  const Descriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status.st_mode & 0777));
  if (!out.opened()) return failed("write", to, errno);
  std::vector<char> piece(kPieceBytes);
  while (true) {
    const ssize_t count = ::read(in.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read", from, errno);
    if (count == 0) break;
    if (!write_all(out.get(), {piece.data(), static_cast<std::size_t>(count)})) return failed("write", to, errno);
    copied(static_cast<std::uint64_t>(count));
  }
  if (::fsync(out.get()) != 0) return failed("write", to, errno);
  return {};
}

Result<void> copy_folder(const std::filesystem::path& from, const std::filesystem::path& to,
                         const std::function<void(std::uint64_t)>& copied) {
  std::error_code error;
  std::filesystem::create_directory(to, from, error);  // with the permissions of `from`
  if (error) return failed("make", to, error.value());
  std::filesystem::directory_iterator entry(from, error);
  if (error) return failed("read", from, error.value());
  for (; entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto name = entry->path().filename();
    auto done = entry->is_directory() ? copy_folder(entry->path(), to / name, copied)
                                      : copy_file(entry->path(), to / name, copied);
    if (!done) return done;
  }
  if (error) return failed("read", from, error.value());
  if (auto unsynced = sync_folder(to)) return failed("write", to, unsynced.value());
  if (auto unsynced = sync_folder(std::filesystem::absolute(to).parent_path())) {
    return failed("write", to, unsynced.value());
  }
  return {};
}

std::uint64_t bytes_in(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  std::filesystem::recursive_directory_iterator file(folder, ignored);
  for (; file != std::filesystem::recursive_directory_iterator(); file.increment(ignored)) {
    std::error_code gone;
    const auto size = file->is_regular_file(gone) ? file->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

bool lies_in(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  std::error_code none;
  auto folder = std::filesystem::weakly_canonical(std::filesystem::absolute(inner, none), none);
  while (true) {
    if (std::filesystem::equivalent(folder, outer, none) && !none) return true;
    auto above = folder.parent_path();
    if (above == folder || above.empty()) return false;
    folder = std::move(above);
  }
}

std::filesystem::path store_around(const std::filesystem::path& folder) {
  std::error_code none;
  auto around = std::filesystem::weakly_canonical(std::filesystem::absolute(folder, none), none);
  while (true) {
    auto above = around.parent_path();
    if (above == around || above.empty()) return {};
    around = std::move(above);
    if (std::filesystem::is_regular_file(around / "BACKUP", none)) return around;
    // FORMAT alone may be somebody else's.
    const bool is_data = std::filesystem::is_regular_file(around / "FORMAT", none) &&
                         std::filesystem::is_directory(around / "journal", none) &&
                         std::filesystem::is_directory(around / "history", none);
    if (is_data) return around;
  }
}

bool is_empty_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return true;
  return std::filesystem::is_directory(folder, error) && std::filesystem::is_empty(folder, error) && !error;
}

}  // namespace temperature::upkeep
