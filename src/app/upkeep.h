#pragma once

#include <filesystem>

#include "access/rocks_registry.h"
#include "app/data_directory.h"
#include "base/error.h"
#include "history/rocks_history.h"
#include "journal/rocks_journal.h"
#include "model/twins.h"
#include "pipeline/pipeline.h"
#include "upkeep/backup.h"
#include "upkeep/verify.h"

// What backups, restores and inspections need to know of a data folder.
namespace temperature::app {

// All that a backup takes. Every argument outlives what is returned.
upkeep::BackupSource backup_source(const DataDirectory& directory, const history::RocksHistory& history,
                                   const journal::RocksJournal& journal, const access::RocksRegistry& registry,
                                   pipeline::Pipeline& pipeline);

// Looks at a data folder that is not in use. Error startup: it is in use, or is none.
Result<upkeep::Verdict> verify(const std::filesystem::path& data_dir, upkeep::Depth depth,
                               const std::function<void(const upkeep::Finding&)>& found,
                               const std::function<void(const upkeep::Verdict&)>& progress);

// Holds the audit of a data folder or a backup that is not in use against its hashes; `found` is told of the first
// entry that does not fit. Returns the chain's end. Errors: startup as verify(); history_failed: it cannot be opened.
Result<audit::Head> verify_audit(const std::filesystem::path& data_dir,
                                 const std::function<void(const std::string&)>& found);

// The names that a data folder that is not in use has. Error startup: as verify(), and damage that may hide some.
Result<NameCheck> read_names(const std::filesystem::path& data_dir);

}  // namespace temperature::app
