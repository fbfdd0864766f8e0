#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace temperature::client {

// How far a run has come.
struct Progress {
  std::uint64_t readings = 0;
  std::chrono::duration<double> elapsed{0};
  std::optional<double> share;  // 0..1 of the input, where its size is known
};

// "304000 readings, 95000 a second, 42%, 0:12 left".
std::string progress_text(const Progress& progress);

// Shows progress on a stream now and then: a terminal's line is rewritten, elsewhere a line is added. One thread.
class ProgressLine {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // `out` outlives this.
  ProgressLine(std::ostream& out, bool terminal, Moment start) : out_(out), terminal_(terminal), shown_(start) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Whether it is time to show() again.
  [[nodiscard]] bool due(Moment now) const;
  void show(const Progress& progress, Moment now) { show(progress_text(progress), now); }
  void show(std::string_view text, Moment now);
  void clear();  // takes a terminal's line away, for what else is to be written there

 private:
  std::ostream& out_;
  bool terminal_;
  Moment shown_;
  bool line_open_ = false;
};

}  // namespace temperature::client
