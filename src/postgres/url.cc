#include "postgres/url.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace temperature::postgres {
namespace {

using ParsedOptions = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

constexpr std::string_view kForm = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full";
constexpr std::string_view kBlanks = " \t\r\n";

std::unexpected<Error> refused(std::string_view why) {
  return failure(ErrorCode::usage, fmt::format("the database's URL is not usable: {}; it looks like {}", why, kForm));
}

bool is_lower_case_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

// libpq quotes the URL behind ": ", secrets and all. The name of a parameter may stay, unless it could be a piece of a
// password whose own ? or / nobody escaped: then an @ follows.
std::string without_quotes(std::string_view message, std::string_view text) {
  while (message.ends_with('\n')) message.remove_suffix(1);
  const auto quote = message.find(": \"");
  if (quote == std::string_view::npos) return std::string(message);
  const std::string_view reason = message.substr(0, quote);
  std::string_view quoted = message.substr(quote + 3);
  if (quoted.ends_with('"')) quoted.remove_suffix(1);
  const bool names_parameter = reason.ends_with("parameter") && is_lower_case_name(quoted);
  const auto question = text.find('?');
  const bool maybe_secret = question != std::string_view::npos && text.find('@', question) != std::string_view::npos;
  if (names_parameter && !maybe_secret) return fmt::format("{} {}", reason, quoted);
  return fmt::format("{} (special characters in a name or password are written as %40 for @, %2F for /, %25 for %)",
                     reason);
}

bool needs_no_escape(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (needs_no_escape(c)) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::vector<std::string_view> parts_of(std::string_view list) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto comma = list.find(',');
    parts.push_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

std::string shown_hosts(std::string_view hosts, std::string_view ports) {
  const auto host_list = parts_of(hosts);
  const auto port_list = parts_of(ports);
  std::string out;
  for (std::size_t i = 0; i < host_list.size(); ++i) {
    if (i != 0) out.push_back(',');
    const std::string_view host = host_list[i];
    out += host.contains(':') ? fmt::format("[{}]", host) : percent_encoded(host);
    const std::string_view port = i < port_list.size() ? port_list[i] : port_list.size() == 1 ? port_list[0] : "";
    if (!port.empty()) out += fmt::format(":{}", port);
  }
  return out;
}

// Whether libpq itself says that it is shown by asterisks: passwords.
bool is_secret(const PQconninfoOption& option) {
  return option.dispchar != nullptr && std::string_view(option.dispchar) == "*";
}

struct SeenOptions {
  std::optional<std::string> user;
  std::string database;
  bool password = false;
  std::string parameters;  // with what stands before each
};

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  if (text.empty()) return refused("it is empty");
  if (text.size() > limits::kDatabaseUrlBytesMax) {
    return refused(fmt::format("it has more than {} characters", limits::kDatabaseUrlBytesMax));
  }
  if (!text.starts_with("postgresql://") && !text.starts_with("postgres://")) {
    return refused("it must begin with postgresql:// or postgres://");
  }
  if (text.find_first_of(std::string_view(" \t\r\n\0", 5)) != std::string_view::npos) {
    return refused("it has a blank or an end of line in it");
  }
  Url url;
  url.text_ = text;
  char* message = nullptr;
  const ParsedOptions options(PQconninfoParse(url.text_.c_str(), &message), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owned(message, &PQfreemem);
  if (!options) return refused(message == nullptr ? "no memory" : without_quotes(message, text));
  SeenOptions seen;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view keyword = option->keyword;
    const std::string_view value = option->val;
    if (keyword == "user") {
      seen.user = value;
    } else if (keyword == "password") {
      seen.password = true;
    } else if (keyword == "dbname") {
      seen.database = value;
    } else if (keyword == "host") {
      url.hosts_ = value;
    } else if (keyword == "port") {
      url.ports_ = value;
    } else {
      if (keyword == "hostaddr") url.addresses_ = value;
      seen.parameters += fmt::format("{}{}={}", seen.parameters.empty() ? '?' : '&', keyword,
                                     is_secret(*option) ? "***" : percent_encoded(value));
    }
  }
  url.shown_ = "postgresql://";
  if (seen.user || seen.password) {
    url.shown_ += fmt::format("{}{}@", percent_encoded(seen.user.value_or("")), seen.password ? ":***" : "");
  }
  url.shown_ += shown_hosts(url.hosts_, url.ports_);
  if (!seen.database.empty()) url.shown_ += fmt::format("/{}", percent_encoded(seen.database));
  url.shown_ += seen.parameters;
  return url;
}

}  // namespace temperature::postgres
