#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "postgres/url.h"

namespace temperature::config {

// What the command line says of a database. Empty: nothing.
struct DatabaseFlags {
  std::string url = {};
  std::string url_file = {};
  std::string name = "--timescale-url";  // of the flag; that of the file has "-file" behind it
};

// What flags and environment say together.
enum class FlagsAndEnvironment : std::uint8_t {
  must_agree,   // serve: two that differ are nobody's intention
  flags_alone,  // commands: where a flag is given, the environment is not asked
};

// The database that the mirror is in: by --timescale-url, --timescale-url-file, and in the environment
// TEMPERATURE_TIMESCALE_URL, TIMESCALE_DB_URL and each of them with _FILE behind it, which name a file that has it.
// nullopt: none is named. Error usage: two differ, or one is none (postgres::Url); startup: a file cannot be read. The
// texts show nothing of a URL.
Result<std::optional<postgres::Url>> database_url(const DatabaseFlags& flags, std::span<const char* const> environment,
                                                  FlagsAndEnvironment together);

}  // namespace temperature::config
