#include "base/size_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace temperature {
namespace {

constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
constexpr std::uint64_t kMost = std::uint64_t{1} << 63U;

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (text == "0") return 0;
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  std::uint64_t unit = 1;
  for (const std::string_view name : kUnits) {
    if (text == name) return number > kMost / unit ? std::nullopt : std::optional(number * unit);
    unit *= 1024;
  }
  return std::nullopt;
}

std::string format_size(std::uint64_t bytes) {
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (number >= 1024 && unit + 1 < kUnits.size()) {
    number /= 1024;
    ++unit;
  }
  return unit == 0 || number >= 100 ? fmt::format("{:.0f} {}", number, kUnits.at(unit))
                                    : fmt::format("{:.1f} {}", number, kUnits.at(unit));
}

}  // namespace temperature
