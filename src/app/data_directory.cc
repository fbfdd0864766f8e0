#include "app/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/descriptor.h"
#include "upkeep/files.h"
#include "upkeep/folder_state.h"

namespace temperature::app {
namespace {

constexpr std::string_view kName = "temperature-service";

auto startup(std::string detail) {
  return failure(ErrorCode::startup, std::move(detail));
}

// Makes the folder and those above it that are not there, each safe from a power cut: its name is
// synced in the folder above.
std::error_code make_folders(const std::filesystem::path& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error).lexically_normal();
  if (error || std::filesystem::is_directory(absolute, error)) return error;
  const auto above = absolute.has_filename() ? absolute.parent_path() : absolute.parent_path().parent_path();
  if (above != absolute) {
    if (auto failed = make_folders(above)) return failed;
  }
  std::filesystem::create_directory(absolute, error);
  return error ? error : sync_folder(above);
}

// A flipped bit makes one format of another, by whose rules names would be read from then on.
Result<void> check_format(const std::filesystem::path& folder) {
  const auto left = upkeep::read_state(folder);
  if (!left) return std::unexpected(left.error());
  const std::string difference = *left ? upkeep::format_difference(folder, **left) : std::string();
  return difference.empty() ? Result<void>()
                            : startup(fmt::format("cannot use the folder {}: {}", folder.string(), difference));
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::filesystem::path& path) {
  std::error_code none;
  const bool there = std::filesystem::exists(path / "FORMAT", none);
  if (const auto around = there ? std::filesystem::path() : upkeep::store_around(path); !around.empty()) {
    return startup(fmt::format("cannot make the folder {}: it lies in {}, which is a data folder or a backup itself",
                               path.string(), around.string()));
  }
  if (const auto error = make_folders(path)) {
    return startup(fmt::format("cannot make the folder {}: {}", path.string(), error.message()));
  }
  auto directory = locked(path, O_RDWR | O_CREAT, LOCK_EX);
  if (!directory) return directory;
  auto found = upkeep::read_format(path);
  if (!found) return std::unexpected(std::move(found.error()));
  const bool is_new = !found->has_value();
  upkeep::FormatFile format = found->value_or(upkeep::FormatFile{.version = upkeep::kFormatCurrent, .journal = {}});
  if (auto checked = check_format(path); !is_new && !checked) return std::unexpected(std::move(checked.error()));
  const upkeep::FormatFile before = format;
  // Before anything is written in the newer format: an older program must refuse the folder from then on.
  format.version = std::max(format.version, upkeep::kFormatFormer);
  if (format.journal.none()) format.journal = JournalId::make();
  if (is_new || format != before) {
    if (auto written = upkeep::write_format(path, format); !written) return std::unexpected(std::move(written.error()));
  }
  directory->format_ = std::move(format);
  return directory;
}

Result<DataDirectory> DataDirectory::open_as_it_is(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path / "FORMAT", error)) {
    return startup(
        fmt::format("the folder {} is not a data folder of {}: it has no file FORMAT", path.string(), kName));
  }
  auto directory = locked(path, O_RDONLY, LOCK_SH);
  if (!directory) return directory;
  auto format = upkeep::read_format(path);
  if (!format) return std::unexpected(std::move(format.error()));
  if (*format) directory->format_ = std::move(**format);
  return directory;
}

Result<void> DataDirectory::raise(int version) {
  upkeep::FormatFile risen = format_;
  risen.version = version;
  auto written = upkeep::write_format(path_, risen);
  if (written) format_ = std::move(risen);
  return written;
}

Result<void> DataDirectory::switch_to_current_rules() {
  return reading_rules() == ReadingRules::current
             ? Result<void>()
             : raise(format_.version + upkeep::kFormatCurrent - upkeep::kFormatFormer);
}

Result<void> DataDirectory::admit_judgements() {
  return format_.version > upkeep::kFormatCurrent ? Result<void>() : raise(format_.version + upkeep::kJudgementsMore);
}

Result<DataDirectory> DataDirectory::locked(const std::filesystem::path& path, int flags, int how) {
  const auto in_use = [&path] {
    return startup(
        fmt::format("cannot use the folder {}: another process has it, a service that runs perhaps; stop that one or "
                    "choose another folder with --data-dir",
                    path.string()));
  };
  DataDirectory directory(path);
  directory.folder_lock_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory.folder_lock_ < 0)
    return startup(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  // A file system may know no locks of folders (NFS); then the file's has to do.
  if (::flock(directory.folder_lock_, how | LOCK_NB) != 0 && errno == EWOULDBLOCK) return in_use();
  const std::filesystem::path file = path / "LOCK";
  std::error_code error;
  // A folder that no service has ever used, as a backup is, has no LOCK.
  if ((flags & O_CREAT) == 0 && !std::filesystem::exists(file, error)) return directory;
  directory.lock_ = ::open(file.c_str(), flags | O_CLOEXEC, 0644);
  if (directory.lock_ < 0) return startup(fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)));
  if (::flock(directory.lock_, LOCK_EX | LOCK_NB) != 0) return in_use();
  return directory;
}

DataDirectory::~DataDirectory() {
  for (const int lock : {lock_, folder_lock_}) {
    if (lock >= 0) ::close(lock);  // and with it the lock
  }
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      folder_lock_(std::exchange(other.folder_lock_, -1)),
      format_(std::move(other.format_)) {}

}  // namespace temperature::app
