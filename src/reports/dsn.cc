#include "reports/dsn.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace temperature::reports {
namespace {

constexpr std::string_view kForm = "https://KEY@HOST/PROJECT, as Sentry shows it in the project's settings";

std::unexpected<Error> refused(std::string_view why) {
  return failure(ErrorCode::usage, fmt::format("the Sentry DSN is not usable: {}; it must be {}", why, kForm));
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of_letters_digits_and(std::string_view more, std::string_view text) {
  return std::ranges::all_of(text,
                             [more](char c) { return is_alphanumeric(c) || more.find(c) != std::string_view::npos; });
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    return host.size() > 2 && host.ends_with(']') &&
           consists_of_letters_digits_and(":.", host.substr(1, host.size() - 2));
  }
  return !host.empty() && consists_of_letters_digits_and(".-_", host);
}

bool is_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && stop == digits.data() + digits.size() && port != 0;
}

bool is_of_this_machine(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

// Takes the text up to the first of `marks` off; the mark itself stays.
std::string_view taken_up_to(std::string_view& text, char mark) {
  const std::string_view taken = text.substr(0, text.find(mark));
  text.remove_prefix(taken.size());
  return taken;
}

}  // namespace

Result<Dsn> parse_dsn(std::string_view text) {
  if (text.size() > limits::kDsnBytesMax) {
    return refused(fmt::format("it has more than {} characters", limits::kDsnBytesMax));
  }
  Dsn dsn;
  dsn.encrypted = text.starts_with("https://");
  if (!dsn.encrypted && !text.starts_with("http://")) return refused("it does not begin with https://");
  const std::string_view scheme = text.substr(0, text.find("//") + 2);
  text.remove_prefix(scheme.size());
  std::string_view credentials = taken_up_to(text, '@');
  if (text.empty()) return refused("it has no key before an @");
  text.remove_prefix(1);
  dsn.public_key = taken_up_to(credentials, ':');
  if (dsn.public_key.empty() || !consists_of_letters_digits_and("-_", dsn.public_key)) {
    return refused("its key must be letters, digits, - and _");
  }
  std::string_view authority = taken_up_to(text, '/');
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  const auto colon = authority.find(':', std::min(bracket, authority.size()));
  const std::string_view host = authority.substr(0, colon);
  if (!is_host(host)) return refused("it names no host that can be");
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) {
    return refused("its port must be a number from 1 to 65535");
  }
  while (text.ends_with('/')) text.remove_suffix(1);
  const auto last_slash = text.rfind('/');
  const std::string_view project = last_slash == std::string_view::npos ? "" : text.substr(last_slash + 1);
  if (project.empty() || !consists_of_letters_digits_and("-_", project)) {
    return refused("it must end in the project's number");
  }
  const std::string_view path = text.substr(0, last_slash);
  if (!consists_of_letters_digits_and("-_.~/", path))
    return refused("its path may have letters, digits, -, _, . and /");
  dsn.host = host;
  dsn.loopback = is_of_this_machine(host);
  dsn.envelope_url = fmt::format("{}{}{}/api/{}/envelope/", scheme, authority, path, project);
  return dsn;
}

}  // namespace temperature::reports
