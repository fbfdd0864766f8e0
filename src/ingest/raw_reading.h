#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/epoch.h"
#include "base/error.h"
#include "base/reject_limits.h"
#include "base/utf8.h"
#include "model/batch_limits.h"
#include "model/ids.h"
#include "model/reading.h"
#include "model/unit.h"

namespace temperature::limits {

// Bytes kept of each name of what was refused; no name that is taken is longer.
inline constexpr std::size_t kRejectNameBytesMax = 512;
// Readings or lines that are read of a body, or accepted, between two looks at whether the service is to stop.
inline constexpr std::size_t kReadingsBetweenStops = 1'024;

}  // namespace temperature::limits

namespace temperature::ingest {

// Which series a reading's names mean, and what its unit does to its value. Neither ever changes, so who sees the same
// names again and again keeps one for them; it is filled in where series are found. Used by one thread at a time.
struct SeriesMemo {
  SeriesId id;
  Place place;
  bool known = false;
  UnitChange unit = {};
};

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
  std::uint32_t index = 0;  // its place in the body, from 0; a line's readings share it
  // The unit may be another reading's of the same line: it counts where it fits what the quantity has, and fixes
  // nothing.
  bool unit_shared = false;
  SeriesMemo* memo = nullptr;  // of exactly these names and this unit; nullptr: nobody keeps one
};

// Whose reading it was, as far as that could be told; what could not is empty. At most limits::kRejectNameBytesMax
// each.
struct RejectedNames {
  std::string building = {};
  std::string room = {};
  std::string sensor = {};
  std::string quantity = {};
};

// A reading that could not be taken, and why.
struct Rejected {
  std::uint32_t index = 0;
  Error error;
  std::string text = {};  // what was refused, as it was sent; at most limits::kRejectTextBytesMax
  RejectedNames names = {};
};

using CountByCode = std::array<std::uint32_t, kErrorCodes>;

// What a parser found in a body.
struct Parsed {
  std::vector<RawReading> readings;
  std::vector<Rejected> rejected;  // the first limits::kDetailsListedMax
  std::uint64_t rejected_count = 0;
  CountByCode rejected_by_code{};
  ErrorCode rejected_last = ErrorCode::internal;  // the code of the newest one

  // For messages about times: the unit in which they were sent, and the lines in which they stand; empty: no lines.
  EpochUnit times_in = EpochUnit::milliseconds;
  std::string_view lines;

  // Where whoever accepts readings sets the bits of the places of those that are taken; nullptr: nobody asks.
  std::vector<bool>* taken = nullptr;
  // Set from another thread when the service stops: who reads a body or accepts its readings looks at it now and then
  // and ends with an error (shutting_down); nullptr: nobody stops it. clear() leaves it.
  const std::atomic<bool>* stopping = nullptr;

  // Whether to stop after the readings or lines up to the given one; looks at one of many.
  [[nodiscard]] bool stops_at(std::size_t number) const {
    return number % limits::kReadingsBetweenStops == 0 && stopping != nullptr &&
           stopping->load(std::memory_order_relaxed);
  }

  void note_taken(const std::vector<std::uint32_t>& places) const {
    if (taken == nullptr) return;
    for (const std::uint32_t place : places) {
      if (place < taken->size()) (*taken)[place] = true;
    }
  }

  void clear() {
    taken = nullptr;
    times_in = EpochUnit::milliseconds;
    lines = {};
    readings.clear();
    rejected.clear();
    if (rejected_count > 0) rejected_by_code = {};
    rejected_count = 0;
  }
};

// Why a body is not read to its end, or its readings are not taken.
inline std::unexpected<Error> stopped() {
  return failure(ErrorCode::shutting_down, "readings cannot be taken any more: the service is shutting down");
}

// Of a name that may be no good one.
inline std::string reject_name(std::string_view name) {
  return std::string(utf8_prefix(name, limits::kRejectNameBytesMax));
}

// Counts a rejected reading, whose `text` stands in the body; `make_error` is called, for an error of that code, only
// while rejected readings are still listed.
template <class MakeError>
void reject(Parsed& parsed, std::uint32_t index, ErrorCode code, std::string_view text, MakeError&& make_error) {
  ++parsed.rejected_count;
  ++parsed.rejected_by_code[std::to_underlying(code)];
  parsed.rejected_last = code;
  if (parsed.rejected.size() == limits::kDetailsListedMax) return;
  parsed.rejected.push_back({index, make_error(), std::string(utf8_prefix(text, limits::kRejectTextBytesMax))});
}

}  // namespace temperature::ingest
