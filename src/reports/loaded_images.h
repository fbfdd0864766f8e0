#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace temperature::limits {

// Programs and libraries in memory that the record of a crash can name; addresses in others are noted without a name.
inline constexpr std::size_t kLoadedImagesMax = 128;

}  // namespace temperature::limits

namespace temperature::reports {

// What was in memory when this was made, in a table that a signal's handler may read.
class LoadedImages {
 public:
  struct Entry {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    std::array<char, 64> name{};              // of the file, without its folder; cut off, and with a zero behind it
    std::array<char, 2 * 32 + 1> build_id{};  // hexadecimal, the same
  };

  LoadedImages();

  // The program itself.
  [[nodiscard]] const Entry& program() const { return entries_.front(); }
  // nullptr: none of them. Safe in a signal's handler. Lives as long as this.
  [[nodiscard]] const Entry* find(std::uint64_t address) const;

 private:
  friend struct Collecting;
  std::array<Entry, limits::kLoadedImagesMax> entries_{};
  std::size_t count_ = 0;
};

}  // namespace temperature::reports
