#pragma once

#include <string_view>

#include "base/error.h"
#include "config/database_url.h"
#include "postgres/url.h"

namespace CLI {
class App;
}

// Which database is meant, for the commands that speak to the mirror's themselves.
namespace temperature::cli {

// Declares `--timescale-url` and `--timescale-url-file`; the environment stands in for them. `flags` outlives the
// parsing.
void declare_database(CLI::App& command, config::DatabaseFlags& flags);

// What flags, or else the environment, name. Error usage: nothing does, or two of the environment differ; startup: a
// file cannot be read.
Result<postgres::Url> check_database(const config::DatabaseFlags& flags);

// Writes over the passwords in the words of the command line, which every process of this machine may read.
void hide_passwords(int count, char** arguments);

}  // namespace temperature::cli
