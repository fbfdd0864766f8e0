#include <charconv>

#include "answer/answer.h"
#include "base/time.h"
#include "model/name_limits.h"

// A cursor is "MILLISECONDS.SENSOR": the last reading of the page before.
namespace temperature::answer {

std::string ReadingsCursor::encode() const {
  return std::to_string(to_ms(timestamp)) + "." + sensor;
}

std::optional<ReadingsCursor> ReadingsCursor::decode(std::string_view text) {
  std::int64_t ms = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, ms);
  if (error != std::errc() || stop == end || *stop != '.') return std::nullopt;
  const std::string_view sensor(stop + 1, static_cast<std::size_t>(end - stop - 1));
  if (sensor.empty() || sensor.size() > limits::kSensorNameBytesMax) return std::nullopt;
  return ReadingsCursor{timestamp_from_ms(ms), std::string(sensor)};
}

}  // namespace temperature::answer
