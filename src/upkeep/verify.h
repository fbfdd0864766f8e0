#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "access/rocks_registry.h"
#include "history/verify.h"
#include "journal/verify.h"

// Looks at every byte of a data folder that is not in use, and changes nothing.
namespace temperature::upkeep {

// Something that is damaged, in words and names.
struct Finding {
  std::string what;
  // The readings that it covers, where they can be named.
  struct Readings {
    std::string building;
    std::string room;
    std::string sensor;
    std::string quantity;
  };
  std::optional<Readings> readings = std::nullopt;
  // Of these readings, or of all: from <= timestamp < to; the ends of time stand for no bound.
  Timestamp from = kTimestampMin;
  Timestamp to = kTimestampMax;
};

struct Verdict {
  history::Verified history;
  journal::Verified journal;
  Position safe;
  std::uint64_t series = 0;
  access::RocksRegistry::Inspected registry;
  audit::Head audit;  // the end of its chain
  std::uint64_t findings = 0;
};

enum class Depth : std::uint8_t {
  quick,  // whether it opens: definitions, the journal, positions
  full,   // and every reading of the history
};

// The parts of a data folder.
struct Folders {
  std::filesystem::path journal;
  std::filesystem::path history;
  std::filesystem::path registry;  // may not be there
};

Verdict verify(const Folders& folders, Depth depth, const std::function<void(const Finding&)>& found,
               const std::function<void(const Verdict&)>& progress);

}  // namespace temperature::upkeep
