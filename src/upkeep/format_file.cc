#include "upkeep/format_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "upkeep/folder_state.h"

namespace temperature::upkeep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProgram = "temperature-service";
constexpr std::string_view kJournalId = "journal_id";
constexpr std::string_view kForkedFrom = "forked_from";

auto unusable(std::string detail) {
  return failure(ErrorCode::startup, std::move(detail));
}

// A whole number in decimal digits that begins with no zero, exactly; nullopt: it is none, or zero.
template <typename Number>
std::optional<Number> exact_number(std::string_view text) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number <= 0 || text.starts_with('0')) return std::nullopt;
  return number;
}

// N of a line "temperature-service N"; 0: it is another line. The number is exact: "2x" is none.
int version_of(std::string_view line) {
  while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
  if (!line.starts_with(kProgram)) return 0;
  line.remove_prefix(kProgram.size());
  if (!line.starts_with(' ')) return 0;
  return exact_number<int>(line.substr(1)).value_or(0);
}

// UUID POSITION; the position may be 0: a copy of a journal in which nothing was yet.
std::optional<FormatFile::Fork> fork_of(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto journal = JournalId::parse(text.substr(0, space));
  const std::string_view number = text.substr(space + 1);
  const auto position = number == "0" ? std::optional<std::uint64_t>(0) : exact_number<std::uint64_t>(number);
  if (!journal || !position) return std::nullopt;
  return FormatFile::Fork{*journal, Position(*position)};
}

Result<void> read_line(const fs::path& folder, std::string_view line, FormatFile& format) {
  const auto damaged = [&] {
    return unusable(fmt::format("cannot use the folder {}: its file FORMAT is damaged where it says \"{}\"",
                                folder.string(), line));
  };
  std::string_view text = line;
  while (text.ends_with(' ') || text.ends_with('\r')) text.remove_suffix(1);
  const std::size_t space = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, space);
  const std::string_view rest = text.substr(std::min(space + 1, text.size()));
  if (word == kJournalId) {
    const auto journal = JournalId::parse(rest);
    if (!journal || !format.journal.none()) return damaged();
    format.journal = *journal;
  } else if (word == kForkedFrom) {
    const auto fork = fork_of(rest);
    if (!fork || format.forked_from) return damaged();
    format.forked_from = fork;
  } else {
    format.more += line;
    format.more += '\n';
  }
  return {};
}

std::string text_of(const FormatFile& format) {
  std::string text = fmt::format("{} {}\n", kProgram, format.version);
  if (!format.journal.none()) text += fmt::format("{} {}\n", kJournalId, format.journal.text());
  if (format.forked_from) {
    text += fmt::format("{} {} {}\n", kForkedFrom, format.forked_from->journal.text(),
                        format.forked_from->position.value());
  }
  return text + format.more;
}

}  // namespace

Result<std::optional<FormatFile>> read_format(const fs::path& folder) {
  std::ifstream in(folder / kFormatFile, std::ios::binary);
  if (!in) {
    std::error_code error;
    for (const char* data : {"journal", "history", "access", kStateFile}) {
      if (!fs::exists(folder / data, error)) continue;
      return unusable(fmt::format("cannot use the folder {}: it has data, but no file FORMAT", folder.string()));
    }
    return std::nullopt;
  }
  std::string line;
  std::getline(in, line);
  FormatFile format{.version = version_of(line), .journal = {}};
  if (format.version == 0) {
    return unusable(
        fmt::format("cannot use the folder {}: its file FORMAT is not one of {}", folder.string(), kProgram));
  }
  if (format.version > kFormatNewest) {
    return unusable(
        fmt::format("cannot use the folder {}: its format {} is newer than {}, the newest that this version "
                    "knows; use a newer version of {}",
                    folder.string(), format.version, kFormatNewest, kProgram));
  }
  while (std::getline(in, line)) {
    if (auto read = read_line(folder, line, format); !read) return std::unexpected(std::move(read.error()));
  }
  return format;
}

Result<void> write_format(const fs::path& folder, const FormatFile& format) {
  const fs::path file = folder / kFormatFile;
  const fs::path aside = file.string() + ".new";
  const Descriptor out(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!out.opened() || !write_all(out.get(), text_of(format)) || ::fsync(out.get()) != 0 ||
      std::rename(aside.c_str(), file.c_str()) != 0) {
    return unusable(fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)));
  }
  if (const auto error = sync_folder(folder)) {
    return unusable(fmt::format("cannot write {}: {}", file.string(), error.message()));
  }
  return {};
}

FormatFile forked(const FormatFile& format, Position position) {
  FormatFile fork = format;
  fork.journal = JournalId::make();
  fork.forked_from.reset();
  if (!format.journal.none()) fork.forked_from = {format.journal, position};
  return fork;
}

}  // namespace temperature::upkeep
