#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "pipeline/write_path.h"
#include "telemetry/rejects.h"

namespace temperature::doors {

// What a door adds about a conflict that it alone knows.
struct ConflictWords {
  std::string more = {};  // goes on after the sentence that tells both values
  std::string text = {};  // as it was sent; empty: the reading's names and values
};
using TellConflict = std::function<ConflictWords(const pipeline::Conflict& conflict)>;

// Notes what of a request was refused, and what contradicts what is stored. `door` is static text. Not on the journal's
// thread.
void note_outcome(telemetry::Rejects& rejects, std::string_view door, http::Request& request,
                  const pipeline::WriteOutcome& outcome, const TellConflict& tell = nullptr);

}  // namespace temperature::doors
