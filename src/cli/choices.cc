#include "cli/choices.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/nearest.h"
#include "client/printable.h"

namespace temperature::cli {
namespace {

constexpr std::size_t kChoiceBytesMax = 100;

std::string listed(const std::vector<std::string>& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += choices[i];
  }
  return text;
}

}  // namespace

CLI::Validator one_of(std::vector<std::string> choices) {
  std::string type = CLI::detail::join(choices, "|");
  return {[choices = std::move(choices)](const std::string& value) -> std::string {
            if (std::ranges::find(choices, value) != choices.end()) return {};
            return fmt::format("must be {}, not \"{}\"{}", listed(choices), client::printable(value, kChoiceBytesMax),
                               did_you_mean(value, choices));
          },
          std::move(type)};
}

CLI::Validator between(std::uint64_t least, std::uint64_t most) {
  return {[least, most](const std::string& value) -> std::string {
            std::uint64_t number = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
            const bool good = error == std::errc() && end == value.data() + value.size();
            if (good && number >= least && number <= most) return {};
            return fmt::format("must be a whole number from {} to {}, not \"{}\"", least, most,
                               client::printable(value, kChoiceBytesMax));
          },
          ""};
}

Result<std::optional<Timestamp>> optional_time(std::string_view flag, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto time = parse_timestamp(text);
  if (time) return *time;
  return failure(ErrorCode::usage,
                 fmt::format("{} must be a time with its offset, such as 2022-10-05T00:00:00Z, or milliseconds since "
                             "1970, not \"{}\"",
                             flag, client::printable(text, kChoiceBytesMax)));
}

}  // namespace temperature::cli
