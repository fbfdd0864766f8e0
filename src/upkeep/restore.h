#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/error.h"
#include "upkeep/backup.h"

namespace temperature::upkeep {

// Copies a backup into a data folder that is not there or empty. The file that makes it a data folder comes last: an
// interrupted restore cannot be served. `progress`: bytes so far. Errors: startup (no backup, not empty, no access),
// disk_full.
Result<BackupStamp> restore(const std::filesystem::path& backup, const std::filesystem::path& data_dir,
                            const std::function<void(std::uint64_t)>& progress);

}  // namespace temperature::upkeep
