#include "app/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
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

// What the file FORMAT holds: a line "temperature-service N", and whatever stands behind it.
struct Format {
  int number = 0;
  std::string more;
};

// It is written aside and renamed: whole or not there.
Result<void> write_format(const std::filesystem::path& file, const Format& format) {
  const std::filesystem::path aside = file.string() + ".new";
  const std::string text = fmt::format("{} {}\n{}", kName, format.number, format.more);
  const Descriptor out(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!out.opened() || !write_all(out.get(), text) || ::fsync(out.get()) != 0 ||
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

// N of a line "temperature-service N"; 0: it is another line. The number is exact: "2x" is none.
int number_of(std::string_view line) {
  while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
  if (!line.starts_with(kName)) return 0;
  line.remove_prefix(kName.size());
  if (!line.starts_with(' ')) return 0;
  line.remove_prefix(1);
  int number = 0;
  const char* end = line.data() + line.size();
  const auto [stop, error] = std::from_chars(line.data(), end, number);
  const bool exact = error == std::errc() && stop == end && number > 0 && !line.starts_with('0');
  return exact ? number : 0;
}

// The folder's format; nullopt when it has none, because it is new.
Result<std::optional<Format>> read_format(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "FORMAT";
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    std::error_code error;
    for (const char* data : {"journal", "history", "access", upkeep::kStateFile}) {
      if (!std::filesystem::exists(folder / data, error)) continue;
      return startup(fmt::format("cannot use the folder {}: it has data, but no file FORMAT", folder.string()));
    }
    return std::nullopt;
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  Format format{number_of(std::string_view(text).substr(0, line_end)),
                text.substr(std::min(line_end + 1, text.size()))};
  if (format.number == 0) {
    return startup(fmt::format("cannot use the folder {}: its file FORMAT is not one of {}", folder.string(), kName));
  }
  if (format.number > DataDirectory::kFormatNewest) {
    return startup(
        fmt::format("cannot use the folder {}: its format {} is newer than {}, the newest that this version "
                    "knows; use a newer version of {}",
                    folder.string(), format.number, DataDirectory::kFormatNewest, kName));
  }
  return format;
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
  auto found = read_format(path);
  if (!found) return std::unexpected(std::move(found.error()));
  Format format = found->value_or(Format{});
  const bool is_new = format.number == 0;
  if (auto checked = check_format(path); !is_new && !checked) return std::unexpected(std::move(checked.error()));
  // Before anything is written in the newer format: an older program must refuse the folder from then on.
  if (format.number < kFormatFormer) {
    format.number = is_new ? kFormat : kFormatFormer;
    if (auto written = write_format(path / "FORMAT", format); !written) {
      return std::unexpected(std::move(written.error()));
    }
  }
  directory->format_ = format.number;
  directory->more_ = std::move(format.more);
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
  auto format = read_format(path);
  if (!format) return std::unexpected(std::move(format.error()));
  if (*format) {
    directory->format_ = (*format)->number;
    directory->more_ = std::move((*format)->more);
  }
  return directory;
}

Result<void> DataDirectory::raise(int format) {
  auto written = write_format(path_ / "FORMAT", {format, more_});
  if (written) format_ = format;
  return written;
}

Result<void> DataDirectory::switch_to_current_rules() {
  return reading_rules() == ReadingRules::current ? Result<void>() : raise(format_ + kFormat - kFormatFormer);
}

Result<void> DataDirectory::admit_judgements() {
  return format_ > kFormat ? Result<void>() : raise(format_ + kJudgementsMore);
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
      format_(other.format_),
      more_(std::move(other.more_)) {}

}  // namespace temperature::app
