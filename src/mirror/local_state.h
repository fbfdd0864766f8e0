#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "mirror/owed_ranges.h"
#include "model/ids.h"
#include "model/journal_id.h"

// What a data folder knows of its mirror: the file MIRROR (docs/formats/mirror.md).
namespace temperature::mirror {

inline constexpr const char* kLocalStateFile = "MIRROR";

struct LocalState {
  JournalId journal;  // whose positions these are
  // The database had everything up to `base` at least, but for what was owed. Of the records behind it up to `covered`
  // every reading lies in a range that is owed: they need not be read again.
  Position base;
  Position covered;
  OwedRanges owed;
  std::int64_t fence = 0;  // the number of the fence in the database then (Fence); 0: not known
  // A folder that was made out of the database: it has everything that was there when the journal `from` had come to
  // `position`, in its own records up to `own`.
  struct Origin {
    JournalId from;
    Position position;
    Position own;
    bool operator==(const Origin&) const = default;
  };
  std::optional<Origin> origin = std::nullopt;

  bool operator==(const LocalState&) const = default;
};

// nullopt: there is none. Error startup: it is damaged or cannot be read.
Result<std::optional<LocalState>> read_local_state(const std::filesystem::path& data_dir);
// Written aside and renamed, durable: whole or as it was. Error startup or disk_full.
Result<void> write_local_state(const std::filesystem::path& data_dir, const LocalState& state);

std::string encode_local_state(const LocalState& state);
std::optional<LocalState> decode_local_state(std::string_view text);

}  // namespace temperature::mirror
