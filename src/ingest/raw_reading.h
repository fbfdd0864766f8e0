#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace temperature::ingest {

// A reading as a parser found it: right types, nothing checked yet. The views point into the body or
// the parser and are valid until the parser is used again.
struct RawReading {
  std::string_view building;  // empty: not given
  std::string_view room;
  std::string_view sensor;
  std::string_view quantity;                 // empty: temperature
  std::string_view unit;                     // empty: not given
  std::optional<std::int64_t> timestamp_ms;  // absent: now
  double value = 0;
  std::uint32_t index = 0;  // its place in the body, from 0
};

// A reading that could not be taken, and why.
struct Rejected {
  std::uint32_t index = 0;
  Error error;
};

// What a parser found in a body.
struct Parsed {
  std::vector<RawReading> readings;
  std::vector<Rejected> rejected;  // the first limits::kDetailsListedMax
  std::uint64_t rejected_count = 0;

  void clear() {
    readings.clear();
    rejected.clear();
    rejected_count = 0;
  }
};

}  // namespace temperature::ingest
