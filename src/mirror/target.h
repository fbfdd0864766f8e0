#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "catalogue/definition.h"
#include "model/ids.h"
#include "model/journal_id.h"
#include "model/reading.h"
#include "postgres/failure.h"

// Where the mirror's readings go to, as far as the follower of the journal knows it.
namespace temperature::limits {

// Readings that one transaction takes out of the database where a range is cleared; when there are more, several do.
inline constexpr std::size_t kMirrorClearedReadings = 200'000;

}  // namespace temperature::limits

namespace temperature::mirror {

// Whose the database is, and what it has: everything of that journal up to that position, but for what is owed. Every
// change of ours raises `fence` by one, so that who writes and who wrote before are told apart.
struct Fence {
  JournalId journal;
  Position position;
  std::int64_t number = 0;
  std::uint64_t owed_ranges = 0;

  bool operator==(const Fence&) const = default;
};

// Readings to be written, without the places of their series.
struct Rows {
  std::vector<SeriesId> series;
  std::vector<Timestamp> timestamps;
  std::vector<double> values;

  [[nodiscard]] std::size_t size() const { return series.size(); }
  [[nodiscard]] bool empty() const { return series.empty(); }
  void push_back(SeriesId id, Sample sample) {
    series.push_back(id);
    timestamps.push_back(sample.timestamp);
    values.push_back(sample.value);
  }
  // Takes out the rows for which `goes(row)` says so.
  template <typename Goes>
  void erase_if(Goes goes) {
    std::size_t kept = 0;
    for (std::size_t row = 0; row < size(); ++row) {
      if (goes(row)) continue;
      series[kept] = series[row];
      timestamps[kept] = timestamps[row];
      values[kept++] = values[row];
    }
    series.resize(kept, SeriesId(0));
    timestamps.resize(kept);
    values.resize(kept);
  }
  void clear() {
    series.clear();
    timestamps.clear();
    values.clear();
  }
};

// Readings of a series with from <= timestamp < to.
struct SeriesSpan {
  SeriesId series;
  Timestamp from;
  Timestamp to;

  bool operator==(const SeriesSpan&) const = default;
};

// One transaction: all of it or nothing. In this order.
struct Batch {
  std::vector<catalogue::UnitDefined> units;  // that became known
  std::vector<SeriesSpan> cleared;            // what the database has there goes
  Rows absent;                                // written where the database has nothing at their place; each place once
  Rows fresh;                                 // written as they are

  [[nodiscard]] std::size_t rows() const { return absent.size() + fresh.size(); }
  void clear() {
    units.clear();
    cleared.clear();
    absent.clear();
    fresh.clear();
  }
};

// One thread at a time. A failure that says that the connection is lost leaves open whether it was done; any other
// means that it was not.
class Target {
 public:
  virtual ~Target() = default;

  // nullopt: nobody's yet.
  virtual postgres::Outcome<std::optional<Fence>> fence() = 0;

  // Makes the database ours: `from` is what it was (nullopt: nobody's). `emptied`: all readings in it go. False: it is
  // not as `from` says any more, and nothing was done.
  virtual postgres::Outcome<bool> claim(const std::optional<Fence>& from, const Fence& to, bool emptied) = 0;

  enum class Thinned : std::uint8_t {
    enough,   // there are not so many readings in the spans; nothing was done
    some,     // some of them went, and the fence was moved
    another,  // the database is not as `from` says, and nothing was done
  };
  // Takes readings out of spans that are about to be cleared, if there are more than one transaction should clear: as
  // many as one does.
  virtual postgres::Outcome<Thinned> thin_out(const Fence& from, const Fence& to,
                                              std::span<const SeriesSpan> spans) = 0;

  // Writes a batch and moves the fence. False: the database is not as `from` says, and nothing was done.
  virtual postgres::Outcome<bool> write(const Fence& from, const Fence& to, const Batch& batch) = 0;
};

}  // namespace temperature::mirror
