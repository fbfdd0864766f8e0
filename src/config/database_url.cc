#include "config/database_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/regular_file.h"
#include "config/environment.h"

namespace temperature::config {
namespace {

// A place that may name a database, and what stands there.
struct Source {
  std::string name;
  std::string text;
  bool names_file = false;
};

std::vector<Source> sources_of(const DatabaseFlags& flags, std::span<const char* const> environment,
                               FlagsAndEnvironment together) {
  std::vector<Source> sources{{.name = flags.name, .text = flags.url},
                              {.name = flags.name + "-file", .text = flags.url_file, .names_file = true}};
  const bool flagged = !flags.url.empty() || !flags.url_file.empty();
  if (!flagged || together == FlagsAndEnvironment::must_agree) {
    for (const std::string_view name : {"TEMPERATURE_TIMESCALE_URL", "TIMESCALE_DB_URL"}) {
      const std::string file_name = fmt::format("{}_FILE", name);
      sources.push_back({.name = std::string(name), .text = variable_of(environment, name)});
      sources.push_back({.name = file_name, .text = variable_of(environment, file_name), .names_file = true});
    }
  }
  std::erase_if(sources, [](const Source& source) { return source.text.empty(); });
  return sources;
}

Result<postgres::Url> url_of(const Source& source) {
  std::string text = source.text;
  if (source.names_file) {
    auto read = read_regular_file(source.text, limits::kDatabaseUrlBytesMax);
    if (!read) return failure(read.error().code, fmt::format("{}: {}", source.name, read.error().detail));
    text = std::move(*read);
  }
  auto url = postgres::Url::parse(text);
  if (!url) return failure(url.error().code, fmt::format("{}: {}", source.name, url.error().detail));
  return url;
}

}  // namespace

Result<std::optional<postgres::Url>> database_url(const DatabaseFlags& flags, std::span<const char* const> environment,
                                                  FlagsAndEnvironment together) {
  std::optional<postgres::Url> found;
  std::string found_in;
  for (const Source& source : sources_of(flags, environment, together)) {
    auto url = url_of(source);
    if (!url) return std::unexpected(std::move(url.error()));
    if (found && *found != *url) {
      return failure(ErrorCode::usage,
                     fmt::format("{} and {} differ: give one, or the same twice", found_in, source.name));
    }
    if (!found) found_in = source.name;
    found = std::move(*url);
  }
  return found;
}

}  // namespace temperature::config
