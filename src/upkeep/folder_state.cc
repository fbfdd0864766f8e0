#include "upkeep/folder_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/crc32c.h"
#include "base/descriptor.h"
#include "rocks/log_scan.h"
#include "upkeep/files.h"

namespace temperature::upkeep {
namespace {

namespace fs = std::filesystem;
using Moment = FolderState::Moment;

constexpr std::string_view kFirstLine = "temperature-service state 1";

std::unexpected<Error> cannot(std::string_view what, const fs::path& file, int error = errno) {
  return failure(ErrorCode::startup, fmt::format("cannot {} {}: {}", what, file.string(), std::strerror(error)));
}

std::string first_line_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  std::getline(in, line);
  while (line.ends_with(' ') || line.ends_with('\r')) line.pop_back();
  return line;
}

std::optional<std::string> text_in(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

// What a file has now; durable afterwards, as far as it was written then.
Result<FolderState::File> take_file(const fs::path& data_dir, const std::string& name) {
  const fs::path file = data_dir / name;
  const auto bytes = text_in(file);
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!bytes || !opened.opened() || ::fsync(opened.get()) != 0) return cannot("read", file);
  return FolderState::File{name, bytes->size(), crc32c(*bytes)};
}

// While it is in use its first deletion makes 2 and 3 of a folder's format 4 and 5. No single bit that flips does.
bool has_risen(const FolderState& state, std::string_view now) {
  constexpr std::array kRises{std::pair("temperature-service 2", "temperature-service 4"),
                              std::pair("temperature-service 3", "temperature-service 5")};
  return state.moment == Moment::serving && std::ranges::any_of(kRises, [&](const auto& rise) {
           return state.format == rise.first && now == rise.second;
         });
}

// Whether RocksDB could not do without the file, and has no checksum that tells of all that may become of it.
bool is_kept(std::string_view name) {
  return name == "CURRENT" || name.starts_with("MANIFEST-") || name.ends_with(".log");
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code none;
  fs::directory_iterator file(folder, none);
  for (; file != fs::directory_iterator(); file.increment(none)) names.push_back(file->path().filename().string());
  std::ranges::sort(names);
  return names;
}

std::uint64_t newest_log(const fs::path& folder) {
  std::uint64_t newest = 0;
  for (const std::string& name : names_in(folder)) {
    if (name.ends_with(".log")) newest = std::max(newest, rocks::file_number(name));
  }
  return newest;
}

// The manifest in use; 0: there is none.
std::uint64_t manifest_of(const fs::path& folder) {
  const std::string name = rocks::current_manifest(folder);
  std::error_code none;
  return !name.empty() && fs::exists(folder / name, none) ? rocks::file_number(name) : 0;
}

// RocksDB begins a new manifest each time that it opens an instance, and now and then.
bool is_replaced(const fs::path& data_dir, const FolderState::Store& store) {
  return manifest_of(data_dir / store.folder) > store.manifest;
}

// Empty: it is as it was.
std::string difference_of(const fs::path& file, const FolderState::File& was, Moment moment) {
  const auto bytes = text_in(file);
  if (!bytes) return fmt::format("{} is missing", file.string());
  if (bytes->size() < was.bytes) {
    return fmt::format("{} was cut: it has {} bytes of {}", file.string(), bytes->size(), was.bytes);
  }
  if (moment == Moment::stopped && bytes->size() > was.bytes) {
    return fmt::format("{} has grown: it has {} bytes, and had {}", file.string(), bytes->size(), was.bytes);
  }
  if (crc32c(std::string_view(*bytes).substr(0, was.bytes)) == was.crc) return {};
  return fmt::format("{} is damaged: its first {} bytes are not those that were there", file.string(), was.bytes);
}

}  // namespace

bool is_of_another_use(const fs::path& data_dir, const FolderState& state) {
  const auto replaced = [&](const FolderState::Store& store) { return is_replaced(data_dir, store); };
  return state.moment == Moment::stopped ? std::ranges::any_of(state.stores, replaced)
                                         : std::ranges::all_of(state.stores, replaced);
}

Result<FolderState> take_state(const fs::path& data_dir, Moment moment, const std::vector<std::string>& stores,
                               const std::vector<std::string>& more) {
  FolderState state;
  state.moment = moment;
  state.format = first_line_of(data_dir / "FORMAT");
  std::vector<std::string> names = more;
  for (const std::string& store : stores) {
    const fs::path folder = data_dir / store;
    state.stores.push_back({store, manifest_of(folder), newest_log(folder)});
    const std::string in_use = rocks::current_manifest(folder);
    for (const std::string& name : names_in(folder)) {
      if (moment == Moment::stopped ? is_kept(name) : name == in_use) names.push_back(store + "/" + name);
    }
    if (const auto error = sync_folder(folder)) return cannot("read", folder, error.value());
  }
  for (const std::string& name : names) {
    auto file = take_file(data_dir, name);
    if (!file) return std::unexpected(std::move(file.error()));
    state.files.push_back(std::move(*file));
  }
  return state;
}

std::string format_difference(const fs::path& data_dir, const FolderState& state) {
  if (is_of_another_use(data_dir, state)) return {};
  const std::string now = first_line_of(data_dir / "FORMAT");
  if (now == state.format || has_risen(state, now)) return {};
  return fmt::format("{} is damaged: it says \"{}\", and said \"{}\"", (data_dir / "FORMAT").string(), now,
                     state.format);
}

std::vector<std::string> differences(const fs::path& data_dir, const FolderState& state) {
  std::vector<std::string> found;
  if (is_of_another_use(data_dir, state)) return found;
  const auto tell = [&found](std::string what) {
    if (!what.empty()) found.push_back(std::move(what));
  };
  tell(format_difference(data_dir, state));
  for (const FolderState::File& file : state.files) {
    const auto its = std::ranges::find_if(
        state.stores, [&](const FolderState::Store& store) { return file.name.starts_with(store.folder + "/"); });
    if (its != state.stores.end() && is_replaced(data_dir, *its)) continue;  // by the service itself
    tell(difference_of(data_dir / file.name, file, state.moment));
  }
  for (const FolderState::Store& store : state.stores) {
    if (newest_log(data_dir / store.folder) >= store.log) continue;
    tell(fmt::format("{}/{:06}.log, or the one that took its place, is missing", (data_dir / store.folder).string(),
                     store.log));
  }
  return found;
}

std::string encode_state(const FolderState& state) {
  std::string text = fmt::format("{}\n{}\nformat {}\nhistory_position {}\njournal_position {}\n", kFirstLine,
                                 state.moment == Moment::stopped ? "stopped" : "serving", state.format,
                                 state.history.value(), state.journal.value());
  for (const auto& [folder, manifest, log] : state.stores) {
    text += fmt::format("store {} {} {}\n", folder, manifest, log);
  }
  for (const auto& [name, bytes, crc] : state.files) text += fmt::format("file {} {} {:08x}\n", name, bytes, crc);
  return text + fmt::format("end {:08x}\n", crc32c(text));
}

std::optional<FolderState> decode_state(std::string_view text) {
  const std::size_t end = text.rfind("end ");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  if (text.substr(end) != fmt::format("end {:08x}\n", crc32c(text.substr(0, end)))) return std::nullopt;
  std::istringstream in{std::string(text.substr(0, end))};
  FolderState state;
  std::string line;
  if (!std::getline(in, line) || line != kFirstLine) return std::nullopt;
  if (!std::getline(in, line) || (line != "stopped" && line != "serving")) return std::nullopt;
  state.moment = line == "stopped" ? Moment::stopped : Moment::serving;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    std::uint64_t number = 0;
    if (kind == "format") {
      state.format = line.substr(std::min(line.size(), kind.size() + 1));
    } else if (kind == "history_position" && words >> number) {
      state.history = Position(number);
    } else if (kind == "journal_position" && words >> number) {
      state.journal = Position(number);
    } else if (FolderState::Store store; kind == "store" && words >> store.folder >> store.manifest >> store.log) {
      state.stores.push_back(std::move(store));
    } else if (FolderState::File file; kind == "file" && words >> file.name >> file.bytes >> std::hex >> file.crc) {
      state.files.push_back(std::move(file));
    }  // a line of a newer program
  }
  return state;
}

Result<std::optional<FolderState>> read_state(const fs::path& data_dir) {
  const fs::path file = data_dir / kStateFile;
  const auto text = text_in(file);
  std::error_code none;
  if (!text && !fs::exists(file, none)) return std::nullopt;
  auto state = text ? decode_state(*text) : std::nullopt;
  if (!state) {
    return failure(ErrorCode::startup,
                   fmt::format("cannot use the folder {}: {} is damaged, and with it what is known of the other files",
                               data_dir.string(), file.string()));
  }
  return state;
}

Result<void> write_state(const fs::path& data_dir, const FolderState& state) {
  return replace_file(data_dir / kStateFile, encode_state(state));
}

Result<void> remove_state(const fs::path& data_dir) {
  const fs::path file = data_dir / kStateFile;
  if (::unlink(file.c_str()) != 0) return errno == ENOENT ? Result<void>() : cannot("remove", file);
  if (const auto error = sync_folder(data_dir)) return cannot("remove", file, error.value());
  return {};
}

}  // namespace temperature::upkeep
