#pragma once

#include <array>
#include <string>

#include "base/error.h"
#include "ingest/raw_reading.h"

namespace temperature::accept {

// A reading whose names are not as they were sent. Its views point into itself where they do not point where they did:
// it must not be moved.
struct RenamedReading {
  ingest::RawReading reading;
  std::array<std::string, 4> made;
};

// Normalises the names (model/name.h) of the reading; those that may be left out and are stay so. False: they were
// normal. Without a memo when the quantity was another: what a memo knows is held against the range of the quantity as
// it was sent. Error id_invalid: which name, and why.
Result<bool> normalise_names(RenamedReading& renamed);

}  // namespace temperature::accept
