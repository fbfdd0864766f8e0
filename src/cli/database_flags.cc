#include "cli/database_flags.h"

#include <CLI/CLI.hpp>
#include <cstring>
#include <span>

#include "config/environment.h"
#include "postgres/masked.h"

namespace temperature::cli {

void declare_database(CLI::App& command, config::DatabaseFlags& flags) {
  command
      .add_option("--timescale-url", flags.url,
                  "the database, postgresql://USER:PASSWORD@HOST/DATABASE; else TEMPERATURE_TIMESCALE_URL, else "
                  "TIMESCALE_DB_URL")
      ->type_name("URL");
  command.add_option("--timescale-url-file", flags.url_file, "a file with that URL; as variables with _FILE behind")
      ->type_name("FILE");
}

Result<postgres::Url> check_database(const config::DatabaseFlags& flags) {
  auto url = config::database_url(flags, config::process_environment(), config::FlagsAndEnvironment::flags_alone);
  if (!url) return std::unexpected(std::move(url.error()));
  if (*url) return std::move(**url);
  return failure(ErrorCode::usage,
                 "no database is named: give --timescale-url-file or --timescale-url, or set TIMESCALE_DB_URL");
}

void hide_passwords(int count, char** arguments) {
  for (char* const argument : std::span(arguments, static_cast<std::size_t>(count))) {
    postgres::mask_passwords({argument, std::strlen(argument)});
  }
}

}  // namespace temperature::cli
