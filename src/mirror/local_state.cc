#include "mirror/local_state.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/crc32c.h"
#include "upkeep/files.h"

namespace temperature::mirror {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "temperature-service mirror 1";

// The words of a line, parted by single blanks.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t blank = line.find(' ');
    words.push_back(line.substr(0, blank));
    if (blank == std::string_view::npos) return words;
    line.remove_prefix(blank + 1);
  }
}

template <class Number>
bool read_number(std::string_view word, Number& number) {
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && stop == word.data() + word.size();
}

bool read_position(std::string_view word, Position& position) {
  std::uint64_t number = 0;
  if (!read_number(word, number)) return false;
  position = Position(number);
  return true;
}

bool read_owed(const std::vector<std::string_view>& words, LocalState& state) {
  std::uint32_t window = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
  if (words.size() != 4 || !read_number(words[1], window) || !read_number(words[2], from) || !read_number(words[3], to))
    return false;
  state.owed.add({WindowId(window), timestamp_from_ms(from), timestamp_from_ms(to)});
  return true;
}

bool read_origin(const std::vector<std::string_view>& words, LocalState& state) {
  const auto from = words.size() == 4 ? JournalId::parse(words[1]) : std::nullopt;
  LocalState::Origin origin;
  if (!from || !read_position(words[2], origin.position) || !read_position(words[3], origin.own)) return false;
  origin.from = *from;
  state.origin = origin;
  return true;
}

// False: the line is not whole. One of another kind is passed over.
bool read_line(std::string_view line, LocalState& state) {
  const auto words = words_of(line);
  if (words[0] == "journal_id") {
    const auto journal = words.size() == 2 ? JournalId::parse(words[1]) : std::nullopt;
    if (journal) state.journal = *journal;
    return journal.has_value();
  }
  if (words[0] == "base") return words.size() == 2 && read_position(words[1], state.base);
  if (words[0] == "covered") return words.size() == 2 && read_position(words[1], state.covered);
  if (words[0] == "fence") return words.size() == 2 && read_number(words[1], state.fence);
  if (words[0] == "owed") return read_owed(words, state);
  if (words[0] == "made_from_database") return read_origin(words, state);
  return true;
}

}  // namespace

std::string encode_local_state(const LocalState& state) {
  std::string text = fmt::format("{}\njournal_id {}\nbase {}\ncovered {}\nfence {}\n", kFirstLine, state.journal.text(),
                                 state.base.value(), state.covered.value(), state.fence);
  if (state.origin) {
    text += fmt::format("made_from_database {} {} {}\n", state.origin->from.text(), state.origin->position.value(),
                        state.origin->own.value());
  }
  for (const OwedRange& range : state.owed.all()) {
    text += fmt::format("owed {} {} {}\n", range.window.value(), to_ms(range.from), to_ms(range.to));
  }
  return text + fmt::format("end {:08x}\n", crc32c(text));
}

std::optional<LocalState> decode_local_state(std::string_view text) {
  const std::size_t end = text.rfind("end ");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  if (text.substr(end) != fmt::format("end {:08x}\n", crc32c(text.substr(0, end)))) return std::nullopt;
  text = text.substr(0, end);
  LocalState state;
  for (bool first = true; !text.empty(); first = false) {
    const std::size_t line_end = text.find('\n');
    if (line_end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, line_end);
    text.remove_prefix(line_end + 1);
    if (first ? line != kFirstLine : !read_line(line, state)) return std::nullopt;
  }
  return state.journal.none() ? std::nullopt : std::optional(std::move(state));
}

Result<std::optional<LocalState>> read_local_state(const fs::path& data_dir) {
  const fs::path file = data_dir / kLocalStateFile;
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    const int reason = errno;
    std::error_code none;
    if (!fs::exists(file, none)) return std::nullopt;
    return failure(ErrorCode::startup, fmt::format("cannot read {}: {}", file.string(), std::strerror(reason)));
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto state = decode_local_state(text);
  if (!state) return failure(ErrorCode::startup, fmt::format("{} is damaged", file.string()));
  return state;
}

Result<void> write_local_state(const fs::path& data_dir, const LocalState& state) {
  return upkeep::replace_file(data_dir / kLocalStateFile, encode_local_state(state));
}

}  // namespace temperature::mirror
