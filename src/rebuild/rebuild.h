#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/journal_id.h"
#include "postgres/connection.h"
#include "rebuild/database_source.h"

namespace temperature::rebuild {

// What came of it, so far or in the end.
struct Rebuilt {
  DatabaseSource::Origin origin;
  JournalId journal;  // the new folder's own
  std::uint64_t series = 0;
  std::uint64_t readings = 0;
  std::uint64_t readings_all = 0;  // that there are, whatever they are
  std::uint64_t repeated = 0;      // of one series and time with another: passed over
  std::uint64_t unusable = 0;      // that no folder can hold: passed over
  std::uint64_t nameless = 0;      // of series that have no names there: passed over
  std::uint64_t sensors = 0;
  std::uint64_t keys = 0;
  DatabaseSource::Texts settings;  // that the lost service ran with

  [[nodiscard]] std::uint64_t passed_over() const { return repeated + unusable + nameless; }
};

// Further files of the folder, by name, when it is known whose the readings were.
using MoreFiles = std::function<std::vector<std::pair<std::string, std::string>>(const Rebuilt& rebuilt)>;

// Makes a data folder of what a mirror's database holds: names, units, readings, sensors, keys, and the rules by which
// names are read. Its journal is a new one. Takes the memory of the names and of some pieces of readings. A folder that
// is not finished is removed; one that a kill leaves behind is served by nobody. Error startup: the folder is not
// empty, or the database has no mirror or cannot be read to the end; disk_full, history_failed, registry_failed.
Result<Rebuilt> rebuild(postgres::Connection& connection, const std::filesystem::path& data_dir,
                        const std::function<void(const Rebuilt&)>& progress, const MoreFiles& more_files);

}  // namespace temperature::rebuild
