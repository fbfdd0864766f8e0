#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "model/ids.h"
#include "model/journal_id.h"

// The file FORMAT of a data folder: what makes a folder one, and which journal is in it (docs/formats/format.md).
namespace temperature::upkeep {

inline constexpr const char* kFormatFile = "FORMAT";
// The newest version that is known, and the one before it, whose folders read what senders write by the former rules.
// 1: the history had blocks where it has volumes now.
inline constexpr int kFormatNewest = 3;
inline constexpr int kFormatFormer = 2;

struct FormatFile {
  int version = 0;
  JournalId journal;  // none: a program that knows no journal ids made the folder
  // Of which journal this one was made, and up to which record it has what that had. Everything behind is its own.
  struct Fork {
    JournalId journal;
    Position position;
    bool operator==(const Fork&) const = default;
  };
  std::optional<Fork> forked_from = std::nullopt;
  std::string more = {};  // lines of other programs: they stay

  bool operator==(const FormatFile&) const = default;
};

// nullopt: the folder has none, because it is new. Error startup: it has data but no FORMAT; the file is another
// program's, damaged, or newer than kFormatNewest.
Result<std::optional<FormatFile>> read_format(const std::filesystem::path& folder);

// It is written aside and renamed, and durable: whole or as it was. Error startup.
Result<void> write_format(const std::filesystem::path& folder, const FormatFile& format);

// The same journal's successor: what was copied up to `position` goes on as a journal of its own.
FormatFile forked(const FormatFile& format, Position position);

}  // namespace temperature::upkeep
