#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

// A tombstone stands among the chunks of a piece: of the samples that stand before it, in that piece and in older ones
// of its volume, those of its stretch are gone. docs/formats/history.md draws it.
namespace temperature::history {

struct Tombstone {
  Timestamp from;
  Timestamp to;

  [[nodiscard]] bool covers(Timestamp timestamp) const { return timestamp >= from && timestamp < to; }
  bool operator==(const Tombstone&) const = default;
};

void append_tombstone(std::string& out, const Tombstone& tombstone);

// Whether these bytes begin with one. No chunk begins so, not even one of which a bit has flipped.
[[nodiscard]] bool begins_with_tombstone(std::string_view bytes);

// Takes the tombstone that `bytes` begin with off their front. REQUIRES: begins_with_tombstone(). Error history_failed:
// it is damaged; then `bytes` stay as they are.
Result<Tombstone> take_tombstone(std::string_view& bytes);

}  // namespace temperature::history
