#include "client/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace temperature::client {
namespace {

constexpr std::chrono::milliseconds kTerminalInterval{200};
constexpr std::chrono::seconds kLineInterval{5};
constexpr std::string_view kClearLine = "\r\x1b[K";
constexpr double kLeftMax = 1e9;  // seconds; beyond this nobody wants the number

std::string clock_text(double lasts_s) {
  const auto whole = static_cast<std::int64_t>(lasts_s);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string progress_text(const Progress& progress) {
  const double elapsed = std::max(progress.elapsed.count(), 0.001);
  std::string text =
      fmt::format("{} readings, {:.0f} a second", progress.readings, static_cast<double>(progress.readings) / elapsed);
  if (!progress.share) return text;
  const double share = std::clamp(*progress.share, 0.0, 1.0);
  text += fmt::format(", {}%", static_cast<int>(share * 100));
  const double left = elapsed * (1 - share) / std::max(share, 1e-9);
  if (left <= kLeftMax && share > 0) text += fmt::format(", {} left", clock_text(left));
  return text;
}

void ProgressLine::clear() {
  if (line_open_) out_ << kClearLine << std::flush;
  line_open_ = false;
}

bool ProgressLine::due(Moment now) const {
  return now - shown_ >= (terminal_ ? std::chrono::milliseconds(kTerminalInterval) : kLineInterval);
}

void ProgressLine::show(std::string_view text, Moment now) {
  shown_ = now;
  if (terminal_) {
    out_ << kClearLine << text << std::flush;
    line_open_ = true;
  } else {
    out_ << text << '\n' << std::flush;
  }
}

}  // namespace temperature::client
