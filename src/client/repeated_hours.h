#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "client/time_zone.h"

namespace temperature::client {

// Tells by the order of a file's rows which of its local times, in the hours that come twice, are of the first hour and
// which of the second. Each series of the file is looked at by itself: its times increase from row to row, so that the
// one step back among them is where clocks were put back. Where there is no such step, or where times do not increase
// otherwise, nothing can be told.
//
// Two passes: learn() every row of the file, in order; then ask. One thread.
class RepeatedHours {
 public:
  // The times of one series, row after row. `line` increases.
  void learn(std::string_view series, LocalTime local, const LocalMoments& moments, std::uint64_t line);

  // After the first pass: an error when there was more than kRepeatedHoursMax.
  [[nodiscard]] Result<void> check() const;

  // The moment of a time that may be two, as learn() got it, or why it cannot be told.
  [[nodiscard]] std::expected<Timestamp, std::string> tell(std::string_view series, const LocalMoments& moments,
                                                           std::uint64_t line) const;

 private:
  // One series in one autumn.
  struct Hours {
    LocalTime local_last;
    LocalMoments last;
    std::uint64_t line_back = 0;  // where its times step back; 0: they do not
    bool in_order = true;
  };
  struct Series {
    std::optional<Timestamp> last;     // of the times that are one moment
    std::map<Timestamp, Hours> hours;  // by the moment when clocks were put back
    Hours* open = nullptr;             // the hours that the last row was in
  };

  static void close(Series& rows, Timestamp moment);
  void extend(Series& rows, LocalTime local, const LocalMoments& moments, std::uint64_t line);

  std::map<std::string, Series, std::less<>> series_;
  std::size_t hours_ = 0;
  bool too_many_ = false;
};

}  // namespace temperature::client
