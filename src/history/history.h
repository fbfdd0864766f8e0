#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "catalogue/definition.h"
#include "model/ids.h"
#include "model/reading.h"

namespace temperature::history {

// One series' part of a flush: sorted by timestamp, no timestamp twice.
struct Run {
  SeriesId series;
  std::vector<Sample> samples;
};

// What is known of a series without reading its blocks.
struct SeriesExtent {
  SeriesId series;
  Timestamp oldest;
  Sample newest;
};

// The long-term store. Applying is idempotent because a reading's identity is (series, timestamp):
// writing a sample again changes nothing, and the first one written stays.
// One writer (the flusher) beside any number of readers. Readers may see samples of a flush that is not
// committed yet, and a restart may keep some of them: harmless, since a reading's identity decides, and
// the journal delivers them again.
class History {
 public:
  virtual ~History() = default;

  // Writes runs of samples. May be called several times before commit(); a crash in between leaves
  // samples that the journal will deliver again. Runs of one series must not repeat within a flush.
  virtual Result<void> write(std::span<const Run> runs) = 0;

  // Makes everything written so far durable, together with the definitions [from, from + size) and the
  // safe position: every reading at or below it is in the history. Atomic.
  virtual Result<void> commit(Position safe, std::uint64_t definitions_from,
                              std::span<const catalogue::Definition> definitions) = 0;

  // What recovery starts from.
  [[nodiscard]] virtual Position safe_position() const = 0;
  [[nodiscard]] virtual std::uint64_t definitions_stored() const = 0;
  virtual Result<void> read_definitions(const std::function<Result<void>(const catalogue::Definition&)>& take) = 0;
  virtual Result<void> read_extents(const std::function<void(const SeriesExtent&)>& take) = 0;

  // Appends the samples of `series` with from <= timestamp < to, in time order, to `out`; at most `limit`.
  virtual Result<void> read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit,
                            std::vector<Sample>& out) const = 0;

  // The value at exactly this moment.
  virtual Result<std::optional<double>> find(SeriesId series, Timestamp timestamp) const = 0;

  // The newest sample with timestamp <= `at`.
  virtual Result<std::optional<Sample>> last_at(SeriesId series, Timestamp at) const = 0;

  [[nodiscard]] virtual std::uint64_t bytes_on_disk() const = 0;
};

}  // namespace temperature::history
