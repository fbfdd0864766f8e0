#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "ingest/line_protocol.h"
#include "ingest/raw_reading.h"

namespace temperature::accept {

// Times as their sender wrote them, for messages about those that are not taken. For one batch.
class SentTimes {
 public:
  // `parsed` must outlive this.
  explicit SentTimes(const ingest::Parsed& parsed) : times_in_(parsed.times_in), words_(parsed.lines) {}

  // What is told of a reading's timestamp.
  struct Told {
    std::string timestamp;  // "timestamp 1700000000 (1970-01-01T00:00:01.700Z in nanoseconds)"
    std::string cause;      // ": it looks like seconds, ..."; empty when nothing is likely
  };
  // REQUIRES: the reading has a timestamp, and is behind the one that was asked about last.
  Told tell(const ingest::RawReading& raw, Timestamp now);
  // The error of one that is before the year 2000 (timestamp_too_old) or more than `max_ahead` after `now`
  // (timestamp_ahead). REQUIRES: as tell().
  Error refusal(ErrorCode code, const ingest::RawReading& raw, Timestamp now, Duration max_ahead);

 private:
  EpochUnit times_in_;
  ingest::SentTimestamps words_;
};

}  // namespace temperature::accept
