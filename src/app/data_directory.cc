#include "app/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "base/descriptor.h"

namespace temperature::app {
namespace {

constexpr std::string_view kName = "temperature-service";

auto startup(std::string detail) {
  return failure(ErrorCode::startup, std::move(detail));
}

// FORMAT holds one line, "temperature-service N". It is written aside and renamed: whole or not there.
Result<void> write_format(const std::filesystem::path& file) {
  const std::filesystem::path aside = file.string() + ".new";
  const std::string line = fmt::format("{} {}\n", kName, DataDirectory::kFormat);
  const Descriptor out(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!out.opened() || !write_all(out.get(), line) || ::fsync(out.get()) != 0 ||
      std::rename(aside.c_str(), file.c_str()) != 0) {
    return startup(fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)));
  }
  if (const auto error = sync_folder(file.parent_path())) {
    return startup(fmt::format("cannot write {}: {}", file.string(), error.message()));
  }
  return {};
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

// The folder's format; nullopt when it has none, because it is new.
Result<std::optional<int>> read_format(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "FORMAT";
  std::ifstream in(file);
  if (!in) {
    std::error_code error;
    if (std::filesystem::exists(folder / "journal", error) || std::filesystem::exists(folder / "history", error)) {
      return startup(fmt::format("cannot use the folder {}: it has data, but no file FORMAT", folder.string()));
    }
    return std::nullopt;
  }
  std::string name;
  int format = 0;
  in >> name >> format;
  if (name != kName || format < 1) {
    return startup(fmt::format("cannot use the folder {}: its file FORMAT is not one of {}", folder.string(), kName));
  }
  if (format > DataDirectory::kFormat) {
    return startup(
        fmt::format("cannot use the folder {}: its format {} is newer than {}, the newest that this version "
                    "knows; use a newer version of {}",
                    folder.string(), format, DataDirectory::kFormat, kName));
  }
  return format;
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::filesystem::path& path) {
  if (const auto error = make_folders(path)) {
    return startup(fmt::format("cannot make the folder {}: {}", path.string(), error.message()));
  }
  auto directory = locked(path, O_RDWR | O_CREAT);
  if (!directory) return directory;
  const auto format = read_format(path);
  if (!format) return std::unexpected(format.error());
  // Before anything is written in the newer format: an older program must refuse the folder from then on.
  if (*format != kFormat) {
    if (auto written = write_format(path / "FORMAT"); !written) return std::unexpected(std::move(written.error()));
  }
  return directory;
}

Result<DataDirectory> DataDirectory::open_as_it_is(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path / "FORMAT", error)) {
    return startup(
        fmt::format("the folder {} is not a data folder of {}: it has no file FORMAT", path.string(), kName));
  }
  // A folder that no service has ever used, as a backup is, has no LOCK.
  auto directory = std::filesystem::exists(path / "LOCK", error) ? locked(path, O_RDONLY) : DataDirectory(path, -1);
  if (!directory) return directory;
  if (const auto format = read_format(path); !format) return std::unexpected(format.error());
  return directory;
}

Result<DataDirectory> DataDirectory::locked(const std::filesystem::path& path, int flags) {
  const std::filesystem::path file = path / "LOCK";
  const int lock = ::open(file.c_str(), flags | O_CLOEXEC, 0644);
  if (lock < 0) return startup(fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)));
  DataDirectory directory(path, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return startup(
        fmt::format("cannot use the folder {}: another process has it, a service that runs perhaps; stop that one or "
                    "choose another folder with --data-dir",
                    path.string()));
  }
  return directory;
}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);  // and with it the lock
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

}  // namespace temperature::app
