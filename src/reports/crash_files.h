#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "reports/crash_record.h"
#include "reports/event.h"

namespace temperature::reports {

// A record of a crash that an earlier process left in the data folder.
struct CrashFile {
  std::filesystem::path path;
  std::optional<CrashRecord> record;  // nullopt: it was cut, or cannot be read
};

// Those that are there, in the order in which they were left.
std::vector<CrashFile> crash_files_in(const std::filesystem::path& folder);

// As it is reported: an id at random, and no name of a folder of whoever built the program.
Event event_of(const CrashRecord& record);

}  // namespace temperature::reports
