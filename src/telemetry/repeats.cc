#include "telemetry/repeats.h"

#include <algorithm>

namespace temperature::telemetry {
namespace {

// Of the kinds for which there is no room.
constexpr std::string_view kOthers = "lines of other kinds were counted, for which there was no room";

}  // namespace

bool Repeats::take(LogLevel level, std::string_view message, std::string_view code, Moment now,
                   std::vector<Summary>& due) {
  take_due(now, due);
  const auto find = [this](LogLevel its_level, std::string_view its_message, std::string_view its_code) {
    return std::ranges::find_if(kinds_, [&](const Kind& kind) { return kind.is(its_level, its_message, its_code); });
  };
  auto kind = find(level, message, code);
  if (kind == kinds_.end() && kinds_.size() + 1 >= limits::kRepeatedLinesMax) {
    message = kOthers;
    code = {};
    kind = find(level, message, code);
  }
  if (kind != kinds_.end()) {
    ++kind->repeats;
    return false;
  }
  kinds_.push_back({level, std::string(message), std::string(code), now, 0});
  return true;
}

void Repeats::take_due(Moment now, std::vector<Summary>& due) {
  for (const Kind& kind : kinds_) {
    if (kind.is_over(now)) summarise(kind, now, due);
  }
  std::erase_if(kinds_, [now](const Kind& kind) { return kind.is_over(now); });
}

std::vector<Repeats::Summary> Repeats::take_due(Moment now) {
  std::vector<Summary> due;
  take_due(now, due);
  return due;
}

std::vector<Repeats::Summary> Repeats::take_all(Moment now) {
  std::vector<Summary> due;
  for (const Kind& kind : kinds_) summarise(kind, now, due);
  kinds_.clear();
  return due;
}

void Repeats::summarise(const Kind& kind, Moment now, std::vector<Summary>& due) {
  if (kind.repeats == 0) return;
  const auto seconds = std::max(std::chrono::ceil<std::chrono::seconds>(now - kind.began), std::chrono::seconds(1));
  due.push_back({kind.level, kind.message, kind.code, kind.repeats, seconds});
}

}  // namespace temperature::telemetry
