#include "upkeep/keeping_file.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "base/crc32c.h"
#include "base/regular_file.h"
#include "base/sizes.h"
#include "base/utf8.h"
#include "upkeep/files.h"

namespace temperature::limits {

// Bytes of a file KEEPING; a larger one is damaged.
inline constexpr std::size_t kKeepingBytesMax = 16 * kMiB;

}  // namespace temperature::limits

namespace temperature::upkeep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kKeepingFirstLine = "temperature-service keeping 1";
constexpr std::string_view kOthers = "others";
constexpr std::string_view kQuantity = "quantity";

// No quantity has such a name: a retention of one keeps nothing.
bool is_written(std::string_view quantity) {
  return valid_utf8(quantity) && !has_control_characters(quantity);
}

void put_length(std::string& text, std::string_view word, std::string_view quantity, Duration length) {
  if (quantity.empty()) {
    text += fmt::format("{} {} {}\n", word, kOthers, length.count());
  } else if (is_written(quantity)) {
    text += fmt::format("{} {} {} {}\n", word, kQuantity, length.count(), quantity);
  }
}

void put_retention(std::string& text, std::string_view word, const Retention& retention) {
  put_length(text, word, {}, retention.others());
  for (const auto& [quantity, length] : retention.own()) put_length(text, word, quantity, length);
}

std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

std::optional<std::int64_t> take_number(std::string_view& line) {
  const std::string_view word = take_word(line);
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || stop != word.data() + word.size() || number < 0) return std::nullopt;
  return number;
}

// Reads "others MS" and "quantity MS NAME"; false: it is neither. `take` gets the name, empty for the others.
template <class Take>
bool read_length(std::string_view line, Take take) {
  const std::string_view kind = take_word(line);
  const auto length = take_number(line);
  if (!length || (kind == kOthers ? !line.empty() : kind != kQuantity || line.empty())) return false;
  take(line, Duration(*length));
  return true;
}

bool read_into(std::string_view line, Retention& retention) {
  return read_length(line, [&retention](std::string_view quantity, Duration length) {
    quantity.empty() ? retention.keep_others(length) : retention.keep(quantity, length);
  });
}

bool read_at(std::string_view line, Keeping::Cut& cut) {
  if (!line.starts_with("at ")) return read_into(line, cut.retention);
  const auto at = parse_rfc3339(line.substr(3));
  if (at) cut.at = *at;
  return at.has_value();
}

bool read_notice(std::string_view line, Keeping::Notice& notice) {
  const bool left = line.starts_with("left ");
  if (!left && !line.starts_with("readings ")) return read_at(line, notice.cut);
  take_word(line);
  const auto number = take_number(line);
  if (number && left) notice.left = Duration(*number);
  if (number && !left) notice.readings = static_cast<std::uint64_t>(*number);
  return number.has_value();
}

template <class Value>
Value& made(std::optional<Value>& value) {
  return value ? *value : value.emplace();
}

// False: it cannot be read. Lines of other kinds, of a newer program, are passed over.
bool read_line(std::string_view line, Keeping& keeping) {
  const std::string_view kind = take_word(line);
  if (kind == "known") {
    keeping.known = parse_rfc3339(line);
    return keeping.known.has_value();
  }
  if (kind == "retention") return read_into(line, made(keeping.retention));
  if (kind == "short") {
    return read_length(line, [&keeping](std::string_view quantity, Duration length) {
      keeping.shortest.insert_or_assign(std::string(quantity), length);
    });
  }
  if (kind == "forgotten") return read_at(line, made(keeping.forgotten));
  if (kind == "notice") return read_notice(line, made(keeping.notice));
  return true;
}

}  // namespace

std::string encode_keeping(const Keeping& keeping) {
  std::string text = fmt::format("{}\n", kKeepingFirstLine);
  if (keeping.known) text += fmt::format("known {}\n", format_timestamp(*keeping.known));
  if (keeping.retention) put_retention(text, "retention", *keeping.retention);
  for (const auto& [quantity, length] : keeping.shortest) put_length(text, "short", quantity, length);
  if (keeping.forgotten) {
    text += fmt::format("forgotten at {}\n", format_timestamp(keeping.forgotten->at));
    put_retention(text, "forgotten", keeping.forgotten->retention);
  }
  if (keeping.notice) {
    text += fmt::format("notice at {}\n", format_timestamp(keeping.notice->cut.at));
    put_retention(text, "notice", keeping.notice->cut.retention);
    text += fmt::format("notice readings {}\nnotice left {}\n", keeping.notice->readings, keeping.notice->left.count());
  }
  return text + fmt::format("end {:08x}\n", crc32c(text));
}

std::optional<Keeping> decode_keeping(std::string_view text) {
  const std::size_t end = text.rfind("end ");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  if (text.substr(end) != fmt::format("end {:08x}\n", crc32c(text.substr(0, end)))) return std::nullopt;
  text = text.substr(0, end);
  Keeping keeping;
  for (bool first = true; !text.empty(); first = false) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (first ? line != kKeepingFirstLine : !read_line(line, keeping)) return std::nullopt;
  }
  return keeping;
}

Result<std::optional<Keeping>> read_keeping(const fs::path& data_dir) {
  const fs::path file = data_dir / kKeepingFile;
  std::error_code none;
  if (!fs::exists(file, none)) return std::nullopt;
  const auto text = read_regular_file(file, limits::kKeepingBytesMax);
  if (!text) return failure(ErrorCode::startup, text.error().detail);
  auto keeping = decode_keeping(*text);
  if (!keeping) return failure(ErrorCode::startup, fmt::format("{} is damaged", file.string()));
  return keeping;
}

Result<void> write_keeping(const fs::path& data_dir, const Keeping& keeping) {
  return replace_file(data_dir / kKeepingFile, encode_keeping(keeping));
}

}  // namespace temperature::upkeep
