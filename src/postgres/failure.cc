#include "postgres/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "base/printable.h"

namespace temperature::postgres {
namespace {

// Bytes of a server's words that are kept.
constexpr std::size_t kServerTextBytesMax = 1'024;

}  // namespace

Error as_error(std::string_view what, const Failure& failure) {
  return {ErrorCode::startup, fmt::format("{}: {}", what, failure.text)};
}

std::string one_line(std::string_view text) {
  std::string joined;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (!joined.empty()) joined += "; ";
    joined += line;
  }
  return printable(joined, kServerTextBytesMax);
}

}  // namespace temperature::postgres
