#pragma once

#include <string_view>

#include "accept/acceptor.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "ingest/raw_reading.h"
#include "pipeline/known_time.h"

namespace temperature::pipeline {

// Who counts as a sender of its own. Where credentials are asked for it is each credential: one gateway that sends for
// a hundred sensors has one clock, and whoever may write under any name could make up three sensors. Without them it is
// each sensor of a room.
enum class Senders : std::uint8_t { credentials, sensors };

// Has the accepted readings that carry a timestamp of their sender's own vouch for the clock, which said `now` when
// they came. `admission` is what became of `parsed`, and has a batch. REQUIRES: time.asks(), or it is in vain.
void vouch(KnownTime& time, const ingest::Parsed& parsed, const accept::Admission& admission, std::string_view sender,
           Senders senders, const catalogue::Catalogue& catalogue, Timestamp now);

}  // namespace temperature::pipeline
