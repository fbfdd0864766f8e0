#pragma once

#include <functional>
#include <string>

#include "config/database_url.h"

namespace temperature::cli {

// `restore --from-database`: makes a data folder of what the mirror's database holds, with a line of progress, says
// what came of it, and then what `look` at the folder finds. Returns the exit code: 1 also when readings of the
// database could not be taken.
int restore_from_database(const config::DatabaseFlags& flags, const std::string& data_dir, bool json,
                          const std::function<int()>& look);

}  // namespace temperature::cli
