#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"
#include "catalogue/catalogue.h"
#include "model/ids.h"

// Looks at every byte of a journal, and changes nothing.
namespace temperature::journal {

struct Verified {
  Position first;  // 0: there is none
  Position last;
  std::uint64_t records = 0;
  std::uint64_t readings = 0;
  std::uint64_t deletions = 0;
  std::uint64_t torn_bytes = 0;  // at the end: never acknowledged, and cut off by the next start
};

// Reads a journal that is not in use: its logs, its tables' checksums, each record, whether positions are dense,
// whether each series was defined before its readings, and whether it reaches from the history's safe position on. Goes
// on behind damage. Brings what the journal defines into the catalogue, which holds what the history defines.
Verified verify(const std::filesystem::path& folder, Position safe, catalogue::Catalogue& catalogue,
                const std::function<void(const std::string&)>& damaged,
                const std::function<void(const Verified&)>& progress);

}  // namespace temperature::journal
