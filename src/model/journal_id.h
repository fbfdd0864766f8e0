#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace temperature {

// Which journal it is that a position is counted in: a random UUID (RFC 9562, version 4) that a data folder gets when
// it is made, restored or forked. The same position of two journals is two records.
class JournalId {
 public:
  // That of no journal: all zeros.
  JournalId() = default;

  static JournalId make();
  // 8-4-4-4-12 hexadecimal digits in either case; nullopt: it is none, or that of no journal.
  static std::optional<JournalId> parse(std::string_view text);

  [[nodiscard]] bool none() const { return *this == JournalId(); }
  [[nodiscard]] std::string text() const;  // in lower case

  auto operator<=>(const JournalId&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace temperature
