#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "client/repeated_hours.h"
#include "client/text_layout.h"

namespace temperature::client {

// Reads the timestamps of a file's rows. One thread.
class TimeReader {
 public:
  // How the rows' order is used: not at all, in a first pass, or in the second.
  enum class Pass : std::uint8_t { only, learn, tell };

  TimeReader() = default;
  // `header_offset`: what the header says of its column's times ("Date Time, GMT+01:00"). `hours` outlives this; it may
  // be nullptr where the pass is the only one.
  TimeReader(const TextLayout& layout, std::optional<std::chrono::minutes> header_offset, RepeatedHours* hours,
             Pass pass);

  // The moment that a row's text names, or why it names none. `series` and `line` say which row it is; they count where
  // the order of rows does.
  [[nodiscard]] std::expected<Timestamp, std::string> read(std::string_view text, std::string_view series,
                                                           std::uint64_t line) const;

  // Whether read() looks at the series.
  [[nodiscard]] bool needs_series() const { return ambiguous_ == Ambiguous::increasing; }

  // Where times without an offset are: "Europe/Berlin", "GMT+01:00"; empty: nobody says.
  [[nodiscard]] std::string zone_name() const { return zone_ ? zone_->name() : std::string(); }

 private:
  using Moment = std::expected<Timestamp, std::string>;
  [[nodiscard]] Moment moment_of(LocalTime local, std::string_view series, std::uint64_t line) const;
  [[nodiscard]] Moment one_of_two(LocalTime local, const LocalMoments& moments, std::string_view series,
                                  std::uint64_t line) const;

  std::string format_;
  std::optional<TimeZone> zone_;
  std::optional<std::chrono::minutes> header_offset_;  // what `zone_` must agree with
  Ambiguous ambiguous_ = Ambiguous::refuse;
  RepeatedHours* hours_ = nullptr;
  Pass pass_ = Pass::only;
};

// The offset that a header names: "Date Time, GMT+01:00", "Time (UTC)".
std::optional<std::chrono::minutes> offset_in_header(std::string_view header);

}  // namespace temperature::client
