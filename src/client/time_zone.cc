#include "client/time_zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>

namespace temperature::client {
namespace {

constexpr const char* kZoneFolder = "/usr/share/zoneinfo/";
constexpr std::chrono::hours kOffsetMax{18};
// The library ends what it knows here or later: no zone's data names a change after it.
constexpr Timestamp kNeverAgain = std::chrono::sys_days(std::chrono::year(3000) / 1 / 1);

bool read_digits(std::string_view& text, std::size_t digits_max, int& value) {
  value = 0;
  std::size_t digits = 0;
  while (digits < digits_max && digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + (text[digits] - '0');
    ++digits;
  }
  text.remove_prefix(digits);
  return digits > 0;
}

// Whether the zone's rules go on for ever: its file ends with a rule for years to come (RFC 8536, 3.3), such as
// "CET-1CEST,M3.5.0,M10.5.0/3". The library does not read it.
Result<bool> changes_for_ever(const std::string& name) {
  std::ifstream file(kZoneFolder + name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || text.size() < 2) {
    return failure(ErrorCode::startup, fmt::format("cannot read {}{}", kZoneFolder, name));
  }
  const std::size_t begin = text.rfind('\n', text.size() - 2);
  return begin != std::string::npos && text.find(',', begin) != std::string::npos;
}

Timestamp moment_of(LocalTime local, std::chrono::seconds offset) {
  return Timestamp(local.time_since_epoch() - offset);
}

}  // namespace

std::string format_local_time(LocalTime local) {
  std::string text = format_timestamp(Timestamp(local.time_since_epoch()));
  text[10] = ' ';
  text.pop_back();
  return text;
}

std::string format_offset(std::chrono::minutes offset) {
  const auto minutes = std::abs(offset.count());
  return fmt::format("GMT{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return std::chrono::minutes(0);
  const bool named = text.starts_with("GMT") || text.starts_with("UTC");
  if (named) text.remove_prefix(3);
  if (named && text.empty()) return std::chrono::minutes(0);
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool behind = text[0] == '-';
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!read_digits(text, 2, hours)) return std::nullopt;
  if (text.starts_with(':')) text.remove_prefix(1);
  if (!text.empty() && (text.size() != 2 || !read_digits(text, 2, minutes) || !text.empty())) return std::nullopt;
  const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  if (minutes > 59 || offset > kOffsetMax) return std::nullopt;
  return behind ? -offset : offset;
}

TimeZone TimeZone::at_offset(std::chrono::minutes offset, std::string name) {
  TimeZone zone;
  zone.name_ = std::move(name);
  zone.offset_ = offset;
  return zone;
}

Result<TimeZone> TimeZone::named(std::string_view name) {
  if (const auto offset = parse_offset(name)) return at_offset(*offset, std::string(name));
  TimeZone zone;
  zone.name_ = name;
  try {
    zone.zone_ = date::locate_zone(name);
  } catch (const std::exception&) {
    return failure(ErrorCode::startup,
                   fmt::format("there is no time zone \"{}\" in {}; its names are such as Europe/Berlin and +01:00 "
                               "(Debian's package tzdata has them)",
                               name, kZoneFolder));
  }
  const auto for_ever = changes_for_ever(zone.name_);
  if (!for_ever) return std::unexpected(for_ever.error());
  zone.changes_for_ever_ = *for_ever;
  return zone;
}

LocalMoments TimeZone::moments_of(LocalTime local) const {
  using Kind = LocalMoments::Kind;
  if (zone_ == nullptr) {
    const Timestamp moment = moment_of(local, offset_);
    return {Kind::one, moment, moment, {}};
  }
  const auto whole = std::chrono::floor<std::chrono::seconds>(local.time_since_epoch());
  const date::local_info info = zone_->get_info(date::local_seconds(whole));
  const Timestamp earlier = moment_of(local, info.first.offset);
  if (info.result == date::local_info::nonexistent) return {Kind::none, {}, {}, {}};
  if (info.result == date::local_info::ambiguous) {
    return {Kind::two, earlier, moment_of(local, info.second.offset), info.first.end};
  }
  if (changes_for_ever_ && info.first.end > kNeverAgain) return {Kind::unknown, {}, {}, {}};
  return {Kind::one, earlier, earlier, {}};
}

std::chrono::seconds TimeZone::offset_at(Timestamp moment) const {
  if (zone_ == nullptr) return offset_;
  return zone_->get_info(std::chrono::floor<std::chrono::seconds>(moment)).offset;
}

}  // namespace temperature::client
