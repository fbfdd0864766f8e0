#include "postgres/masked.h"

#include <algorithm>
#include <cstddef>

namespace temperature::postgres {
namespace {

constexpr char kMask = '*';

void mask(std::span<char> text, std::size_t begin, std::size_t end) {
  std::ranges::fill(text.subspan(begin, end - begin), kMask);
}

}  // namespace

void mask_passwords(std::span<char> text) {
  const std::string_view view(text.data(), text.size());
  const auto scheme = std::min(view.find("postgres://"), view.find("postgresql://"));
  if (scheme == std::string_view::npos) return;
  const std::size_t begin = view.find("://", scheme) + 3;
  // A password whose own / or @ nobody escaped reaches to the last @ all the same.
  if (const auto at = view.rfind('@'); at != std::string_view::npos && at > begin) {
    const auto colon = view.find(':', begin);
    if (colon < at) mask(text, colon + 1, at);
  }
  constexpr std::string_view kPassword = "password=";  // and sslpassword=
  for (auto found = view.find(kPassword, begin); found != std::string_view::npos;
       found = view.find(kPassword, found + 1)) {
    const std::size_t value = found + kPassword.size();
    mask(text, value, std::min(view.find('&', value), view.size()));
  }
}

std::string masked(std::string_view text) {
  std::string copy(text);
  mask_passwords(copy);
  return copy;
}

}  // namespace temperature::postgres
