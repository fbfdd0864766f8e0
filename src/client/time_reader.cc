#include "client/time_reader.h"

#include <fmt/format.h>

#include <cctype>

#include "client/field_text.h"
#include "client/written_time.h"

namespace temperature::client {
namespace {

std::string no_time(std::string_view text) {
  return fmt::format("the timestamp {} is neither RFC 3339 nor epoch milliseconds", shown(text));
}

}  // namespace

TimeReader::TimeReader(const TextLayout& layout, std::optional<std::chrono::minutes> header_offset,
                       RepeatedHours* hours, Pass pass)
    : format_(layout.time_format),
      zone_(layout.zone),
      header_offset_(layout.zone ? header_offset : std::nullopt),
      ambiguous_(layout.ambiguous),
      hours_(hours),
      pass_(pass) {
  if (!zone_ && header_offset) zone_ = TimeZone::at_offset(*header_offset, format_offset(*header_offset));
}

TimeReader::Moment TimeReader::read(std::string_view text, std::string_view series, std::uint64_t line) const {
  std::optional<WrittenTime> written;
  if (format_.empty()) {
    if (const auto moment = parse_timestamp(text)) return *moment;
    const std::string plain = without_odd_blanks(text);
    if (const auto moment = parse_timestamp(plain)) return *moment;
    written = read_plain_time(plain);
    if (!written && day_and_month_unclear(plain)) {
      return std::unexpected(
          fmt::format("of the date {} nobody can tell which number is the day and which the month: --time-format says "
                      "it, such as \"%m/%d/%Y %H:%M\" or \"%d.%m.%Y %H:%M\"",
                      shown(text)));
    }
    if (!written) return std::unexpected(no_time(text));
  } else {
    written = read_time(without_odd_blanks(text), format_);
    if (!written) return std::unexpected(fmt::format("the timestamp {} is not as --time-format says", shown(text)));
  }
  if (written->offset) return Timestamp(written->local.time_since_epoch() - *written->offset);
  if (!zone_) {
    return std::unexpected(no_time(text) + ": it has no offset from UTC; --time-zone of import names its zone");
  }
  return moment_of(written->local, series, line);
}

TimeReader::Moment TimeReader::moment_of(LocalTime local, std::string_view series, std::uint64_t line) const {
  using Kind = LocalMoments::Kind;
  const LocalMoments moments = zone_->moments_of(local);
  if (pass_ == Pass::learn) hours_->learn(series, local, moments, line);
  if (moments.kind == Kind::none) {
    return std::unexpected(fmt::format("{} does not exist in {}: clocks were put forward over it",
                                       format_local_time(local), zone_->name()));
  }
  if (moments.kind == Kind::unknown) {
    return std::unexpected(
        fmt::format("the system's time zone data do not reach to {} in {}; an offset in the file or "
                    "in --time-zone does",
                    format_local_time(local), zone_->name()));
  }
  const auto moment = moments.kind == Kind::one ? Moment(moments.earlier) : one_of_two(local, moments, series, line);
  if (moment && header_offset_ && zone_->offset_at(*moment) != *header_offset_) {
    return std::unexpected(
        fmt::format("the header says {}, but {} is another offset at {}; without --time-zone the header counts",
                    format_offset(*header_offset_), zone_->name(), format_local_time(local)));
  }
  return moment;
}

TimeReader::Moment TimeReader::one_of_two(LocalTime local, const LocalMoments& moments, std::string_view series,
                                          std::uint64_t line) const {
  if (ambiguous_ == Ambiguous::earlier) return moments.earlier;
  if (ambiguous_ == Ambiguous::later) return moments.later;
  const std::string twice =
      fmt::format("{} comes twice in {}: clocks were put back", format_local_time(local), zone_->name());
  if (ambiguous_ == Ambiguous::refuse || hours_ == nullptr) {
    return std::unexpected(twice + "; --ambiguous earlier, later or increasing says which is meant");
  }
  if (pass_ == Pass::learn) return moments.earlier;  // nobody asks yet
  auto told = hours_->tell(series, moments, line);
  if (!told) return std::unexpected(twice + ", and " + told.error());
  return told;
}

std::optional<std::chrono::minutes> offset_in_header(std::string_view header) {
  const auto is_letter = [&](std::size_t at) {
    return at < header.size() && std::isalnum(static_cast<unsigned char>(header[at])) != 0;
  };
  for (std::size_t at = 0; at + 3 <= header.size(); ++at) {
    const std::string_view name = header.substr(at, 3);
    if ((name != "GMT" && name != "UTC") || (at > 0 && is_letter(at - 1)) || is_letter(at + 3)) continue;
    const std::string_view rest = header.substr(at + 3);
    const std::size_t end = std::min(rest.find_first_not_of("+-:0123456789"), rest.size());
    if (end == 0 && name == "GMT") continue;  // "GMT" alone is said of clocks that keep summer time, too
    if (const auto offset = parse_offset(header.substr(at, 3 + end))) return offset;
  }
  return std::nullopt;
}

}  // namespace temperature::client
