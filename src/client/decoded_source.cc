#include "client/decoded_source.h"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <optional>
#include <string_view>

#include "client/bounds.h"

namespace temperature::client {
namespace {

struct ByteOrderMark {
  std::string_view bytes;
  std::string_view encoding;
};

// The longer first: UTF-32LE's begins with UTF-16LE's.
constexpr std::array<ByteOrderMark, 5> kByteOrderMarks{{
    {{"\xff\xfe\0\0", 4}, "UTF-32LE"},
    {{"\0\0\xfe\xff", 4}, "UTF-32BE"},
    {"\xef\xbb\xbf", "UTF-8"},
    {"\xff\xfe", "UTF-16LE"},
    {"\xfe\xff", "UTF-16BE"},
}};
constexpr std::size_t kByteOrderMarkBytesMax = 4;
constexpr char kNoCharacter = '\xff';

// "utf16le" of "UTF-16LE": names are compared without case and punctuation.
std::string plain_name(std::string_view encoding) {
  std::string name;
  for (const char c : encoding) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      name.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
  }
  return name;
}

const ByteOrderMark* find_mark(std::string_view text) {
  const auto found =
      std::ranges::find_if(kByteOrderMarks, [&](const ByteOrderMark& mark) { return text.starts_with(mark.bytes); });
  return found == kByteOrderMarks.end() ? nullptr : found;
}

// The byte order of UTF-16 that begins with an ASCII character, as every file with a header does; empty: it does not.
std::string_view utf16_by_its_look(std::string_view text) {
  if (text.size() < 2) return {};
  if (text[0] != '\0' && text[1] == '\0') return "UTF-16LE";
  if (text[0] == '\0' && text[1] != '\0') return "UTF-16BE";
  return {};
}

// What of `text` was not handed out yet, as far as it fits.
std::size_t give_part(std::string_view text, std::size_t& given, std::span<char> out) {
  const std::size_t count = std::min(out.size(), text.size() - given);
  std::copy_n(text.data() + given, count, out.data());
  given += count;
  return count;
}

iconv_t handle_of(void* converter) {
  return static_cast<iconv_t>(converter);
}

}  // namespace

DecodedSource::~DecodedSource() {
  if (converter_ != nullptr) ::iconv_close(handle_of(converter_));
}

Result<void> DecodedSource::fill() {
  waiting_.erase(0, at_);
  at_ = 0;
  const std::size_t had = waiting_.size();
  waiting_.resize(had + kReadBytes);
  const auto count = source_.read(std::span(waiting_).subspan(had));
  waiting_.resize(had + count.value_or(0));
  if (!count) return std::unexpected(count.error());
  ended_ = *count == 0;
  return {};
}

Result<void> DecodedSource::begin() {
  begun_ = true;
  while (!ended_ && waiting_.size() < kByteOrderMarkBytesMax) {
    if (auto filled = fill(); !filled) return filled;
  }
  const ByteOrderMark* const mark = find_mark(waiting_);
  std::string wanted = plain_name(encoding_);
  const auto refuse = [](std::string detail) { return failure(ErrorCode::startup, std::move(detail)); };
  if (mark != nullptr) {
    // "utf16" with a mark of either order, "utf16le" with its own.
    if (!wanted.empty() && !plain_name(mark->encoding).starts_with(wanted)) {
      return refuse(fmt::format("the byte order mark says {}, --encoding says {}; leave --encoding out", mark->encoding,
                                encoding_));
    }
    encoding_ = mark->encoding;
    at_ = mark->bytes.size();
  } else if (const std::string_view order = utf16_by_its_look(waiting_); !order.empty()) {
    if (wanted.empty()) {
      return refuse(
          fmt::format("the text seems to be {} without a byte order mark; --encoding {} says so", order, order));
    }
    if (wanted == "utf16") encoding_ = order;
  } else if (wanted == "utf16" || wanted == "utf32") {
    return refuse(fmt::format("there is no byte order mark; --encoding {0}LE or {0}BE names the order", encoding_));
  }
  wanted = plain_name(encoding_);
  if (wanted.empty() || wanted == "utf8") return {};  // what is no UTF-8 is found by whoever reads a field
  const iconv_t opened = ::iconv_open("UTF-8", encoding_.c_str());
  // NOLINTNEXTLINE(performance-no-int-to-ptr): how POSIX says that there is none
  if (opened == reinterpret_cast<iconv_t>(-1)) {
    return refuse(fmt::format("the encoding \"{}\" is not known; iconv -l lists those that are", encoding_));
  }
  converter_ = opened;
  if (wanted.starts_with("utf16") || wanted.starts_with("ucs2")) unit_bytes_ = 2;
  if (wanted.starts_with("utf32") || wanted.starts_with("ucs4")) unit_bytes_ = 4;
  return {};
}

// Converts what waits, as far as it is whole, into `decoded_`.
void DecodedSource::convert() {
  decoded_.resize(kReadBytes);
  given_ = 0;
  char* to = decoded_.data();
  std::size_t room = decoded_.size();
  while (at_ < waiting_.size() && room > 0) {
    char* from = waiting_.data() + at_;
    std::size_t left = waiting_.size() - at_;
    const std::size_t converted = ::iconv(handle_of(converter_), &from, &left, &to, &room);
    const int problem = converted == static_cast<std::size_t>(-1) ? errno : 0;
    at_ = waiting_.size() - left;
    if (problem == E2BIG || (problem == EINVAL && !ended_)) break;
    if (problem == 0) continue;
    if (room == 0) break;
    at_ += std::min(unit_bytes_, left);
    *to++ = kNoCharacter;
    --room;
  }
  decoded_.resize(decoded_.size() - room);
}

Result<std::size_t> DecodedSource::read(std::span<char> out) {
  if (!begun_) {
    if (auto begun = begin(); !begun) return std::unexpected(std::move(begun.error()));
  }
  if (converter_ == nullptr) {
    if (at_ == waiting_.size()) return source_.read(out);
    return give_part(waiting_, at_, out);
  }
  while (given_ == decoded_.size()) {
    convert();
    if (!decoded_.empty()) break;
    if (ended_ && at_ == waiting_.size()) return 0;
    if (auto filled = fill(); !filled) return std::unexpected(std::move(filled.error()));
  }
  return give_part(decoded_, given_, out);
}

}  // namespace temperature::client
