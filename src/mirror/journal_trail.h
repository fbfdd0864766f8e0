#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/ids.h"

namespace temperature::limits {

// Points of the journal whose time and size the mirror remembers; more are thinned out.
inline constexpr std::size_t kTrailPointsMax = 4'096;

}  // namespace temperature::limits

namespace temperature::mirror {

// Remembers when the journal had come how far, and how many bytes it had written then, at some points: how old a record
// is, and how much stands behind it. Exact at the points, careful between them: a record counts as old, and its bytes
// as many, as those of the point before it. A value; one thread at a time.
class JournalTrail {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Begins where the journal stands at the start of the process; `bytes_before`: that are in it already.
  JournalTrail(Position last, std::uint64_t bytes_before, Time now);

  // The journal's last record, and the bytes that it has written and the readings that were taken from it since the
  // start of the process. None of them falls.
  void note(Position last, std::uint64_t bytes, std::uint64_t readings, Time now);

  // Bytes of the records behind this one, or somewhat more.
  [[nodiscard]] std::uint64_t bytes_behind(Position position) const;
  // Readings taken since the start of the process from records behind this one, or somewhat more.
  [[nodiscard]] std::uint64_t readings_behind(Position position) const;
  // How long ago the record behind this one was written; 0: there is none.
  [[nodiscard]] std::chrono::milliseconds age_behind(Position position, Time now) const;
  // The last record that was there at `then`, or somewhat before it; 0: none that is remembered.
  [[nodiscard]] Position at(Time then) const;
  // The earliest record that is remembered behind which there are at most so many bytes.
  [[nodiscard]] Position with_bytes_behind(std::uint64_t bytes_max) const;

 private:
  struct Point {
    Position last;
    std::uint64_t bytes;     // up to it, with those before the start
    std::uint64_t readings;  // up to it
    Time time;
  };
  // The last point at or before the record; nullptr: it is before all of them.
  [[nodiscard]] const Point* point_at(Position position) const;
  void thin_out();

  std::vector<Point> points_;  // in order; the first is that of the start
  Point newest_;               // exact
  std::size_t stride_ = 1;     // of so many points one is kept
  std::size_t unkept_ = 0;
};

}  // namespace temperature::mirror
