#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "model/ids.h"
#include "model/journal_id.h"
#include "model/reading_rules.h"

// The file FORMAT of a data folder: what makes a folder one, and which journal is in it (docs/formats/format.md).
namespace temperature::upkeep {

inline constexpr const char* kFormatFile = "FORMAT";
// That of a new folder, and the one before it, whose folders read what senders write by the former rules. 1: the
// history had blocks where it has volumes now.
inline constexpr int kFormatCurrent = 3;
inline constexpr int kFormatFormer = 2;
// So much more is the version of a folder whose journal has a judgement, a deletion for one: 4 or 5.
inline constexpr int kJudgementsMore = 2;
inline constexpr int kFormatNewest = kFormatCurrent + kJudgementsMore;

// By which rules a folder of that version reads what senders write.
[[nodiscard]] constexpr ReadingRules reading_rules_of(int version) {
  return version == kFormatFormer || version == kFormatFormer + kJudgementsMore ? ReadingRules::former
                                                                                : ReadingRules::current;
}

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
