#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/log_level.h"

namespace temperature::limits {

// Seconds after a line of the log that tells of a failed request or connection in which others just like it are only
// counted; then one line says how many there were.
inline constexpr std::chrono::seconds kRepeatWindow{60};
// Kinds of such lines (by level, message and code) that are counted apart; further kinds are counted together.
inline constexpr std::size_t kRepeatedLinesMax = 64;

}  // namespace temperature::limits

namespace temperature::telemetry {

// Counts lines that come again and again: the first of its kind is to be written, those that follow within
// limits::kRepeatWindow are counted, and a summary says how many. No line is lost: each is written or in a summary.
// Not thread-safe; time comes in by parameter and never goes back.
class Repeats {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // Lines that were counted and are to be told of.
  struct Summary {
    LogLevel level = LogLevel::info;
    std::string message;
    std::string code;
    std::uint64_t count = 0;
    std::chrono::seconds seconds{0};  // since the line of which they are repeats, rounded up

    bool operator==(const Summary&) const = default;
  };

  // Whether this line is to be written; otherwise it was counted. Appends what is due to `due`, to be written before.
  bool take(LogLevel level, std::string_view message, std::string_view code, Moment now, std::vector<Summary>& due);

  // What was counted in windows that are over. Once every second or so.
  [[nodiscard]] std::vector<Summary> take_due(Moment now);
  // What was counted up to now, at the end. What comes afterwards begins anew.
  [[nodiscard]] std::vector<Summary> take_all(Moment now);

 private:
  struct Kind {
    LogLevel level;
    std::string message;
    std::string code;
    Moment began;
    std::uint64_t repeats = 0;

    [[nodiscard]] bool is_over(Moment now) const { return now - began >= limits::kRepeatWindow; }
    [[nodiscard]] bool is(LogLevel its_level, std::string_view its_message, std::string_view its_code) const {
      return level == its_level && code == its_code && message == its_message;
    }
  };
  void take_due(Moment now, std::vector<Summary>& due);
  static void summarise(const Kind& kind, Moment now, std::vector<Summary>& due);

  std::vector<Kind> kinds_;  // few: a look at each is quicker than a hash
};

}  // namespace temperature::telemetry
