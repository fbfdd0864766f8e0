#include "model/journal_id.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace temperature {
namespace {

constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
constexpr std::string_view kDigits = "0123456789abcdef";

int value_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

JournalId JournalId::make() {
  JournalId id;
  ssize_t drawn = 0;
  do {
    drawn = getrandom(id.bytes_.data(), id.bytes_.size(), 0);
  } while (drawn < 0 && errno == EINTR);
  CHECK(drawn == static_cast<ssize_t>(id.bytes_.size()));                  // up to 256 bytes come whole
  id.bytes_[6] = static_cast<std::uint8_t>(0x40 | (id.bytes_[6] & 0x0f));  // version 4
  id.bytes_[8] = static_cast<std::uint8_t>(0x80 | (id.bytes_[8] & 0x3f));  // variant
  return id;
}

std::optional<JournalId> JournalId::parse(std::string_view text) {
  if (text.size() != kShape.size()) return std::nullopt;
  JournalId id;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kShape[i] == '-') {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = value_of(text[i]);
    if (value < 0) return std::nullopt;
    std::uint8_t& byte = id.bytes_[digits++ / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
  }
  if (id.none()) return std::nullopt;
  return id;
}

std::string JournalId::text() const {
  std::string text;
  text.reserve(kShape.size());
  std::size_t digits = 0;
  for (const char place : kShape) {
    if (place == '-') {
      text.push_back('-');
      continue;
    }
    const std::uint8_t byte = bytes_[digits / 2];
    text.push_back(kDigits[digits++ % 2 == 0 ? byte >> 4 : byte & 0x0f]);
  }
  return text;
}

}  // namespace temperature
