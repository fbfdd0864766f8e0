#include "http/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/epoch.h"
#include "base/timestamp_limits.h"
#include "base/utf8.h"
#include "http/percent.h"
#include "model/name_limits.h"

namespace temperature::http {
namespace {

constexpr std::size_t kParametersMax = 64;
constexpr std::size_t kParametersUsual = 8;

// Calls `take` with each element of a list with commas between, until it fails.
template <class Take>
Result<void> for_each_element(std::string_view list, Take take) {
  while (true) {
    const std::string_view element = list.substr(0, list.find(','));
    if (auto taken = take(element); !taken) return taken;
    if (element.size() == list.size()) return {};
    list.remove_prefix(element.size() + 1);
  }
}

constexpr std::size_t kShownBytesMax = 64;  // of a parameter, in an error

// How long before now `text` is: "now", "-1h", "now-1h".
std::optional<Duration> before_now(std::string_view text) {
  const bool now = text.starts_with("now");
  if (now) text.remove_prefix(std::string_view("now").size());
  if (now && text.empty()) return Duration(0);
  if (!text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  if (text.find_first_not_of("0123456789") == std::string_view::npos) return std::nullopt;  // a unit must be named
  return parse_duration(text);
}

bool is_whole(std::string_view text, std::int64_t& count) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc() && stop == text.data() + text.size();
}

bool is_askable(Timestamp moment) {
  return moment >= limits::kTimestampFirst && moment <= limits::kTimestampLast;
}

}  // namespace

Result<Query> Query::parse(std::string_view text, std::span<const std::string_view> lists) {
  Query query;
  if (!text.empty()) query.parameters_.reserve(kParametersUsual);
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const std::string_view each = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (each.empty()) continue;
    const auto equals = std::min(each.find('='), each.size());
    std::string name;
    std::string value;
    if (!percent_decode(each.substr(0, equals), name, Plus::is_space) ||
        !percent_decode(each.substr(std::min(equals + 1, each.size())), value, Plus::is_space)) {
      return failure(ErrorCode::parameter_invalid, "the query has a \"%\" that no two hexadecimal digits follow");
    }
    if (!valid_utf8(name) || !valid_utf8(value)) {
      return failure(ErrorCode::parameter_invalid, "the query is not valid UTF-8");
    }
    if (query.find(name) != nullptr && std::ranges::find(lists, name) == lists.end()) {
      return failure(ErrorCode::parameter_invalid, fmt::format("{} is given twice", name));
    }
    if (query.parameters_.size() == kParametersMax) {
      return failure(ErrorCode::parameter_invalid, fmt::format("a query may have {} parameters", kParametersMax));
    }
    query.parameters_.emplace_back(std::move(name), std::move(value));
  }
  return query;
}

Result<void> Query::allow_only(std::initializer_list<std::string_view> known) const {
  for (const auto& [name, value] : parameters_) {
    if (std::ranges::find(known, name) == known.end()) {
      return failure(ErrorCode::parameter_unknown,
                     known.size() == 0
                         ? fmt::format("\"{}\" is not a parameter: this address takes none", name)
                         : fmt::format("\"{}\" is not a parameter here; there are: {}", name, fmt::join(known, ", ")));
    }
    if (value.empty()) {
      return failure(ErrorCode::parameter_invalid, fmt::format("{} is empty: give it a value, or leave it out", name));
    }
  }
  return {};
}

const std::string* Query::find(std::string_view name) const {
  const auto at = std::ranges::find(parameters_, name, &std::pair<std::string, std::string>::first);
  return at == parameters_.end() ? nullptr : &at->second;
}

Result<std::string> Query::required_name(std::string_view name) const {
  const std::string* value = find(name);
  if (value == nullptr) return failure(ErrorCode::parameter_missing, fmt::format("{} is missing", name));
  if (auto checked = check_name(name, *value); !checked) return std::unexpected(std::move(checked.error()));
  return *value;
}

Result<std::vector<std::string>> Query::required_names(std::string_view name, std::size_t max,
                                                       const IsName& is_name) const {
  std::vector<std::string> values;
  const auto take = [&](std::string_view value) -> Result<void> {
    if (auto checked = check_name(name, value); !checked) return checked;
    if (std::ranges::find(values, value) != values.end()) {
      return failure(ErrorCode::parameter_invalid, fmt::format("{} \"{}\" is given twice", name, value));
    }
    if (values.size() == max) {
      return failure(ErrorCode::parameter_invalid, fmt::format("{} may be given {} times", name, max));
    }
    values.emplace_back(value);
    return {};
  };
  for (const auto& [its_name, value] : parameters_) {
    if (its_name != name) continue;
    const bool whole = value.find(',') == std::string::npos || (is_name && is_name(value));
    if (auto taken = whole ? take(value) : for_each_element(value, take); !taken) {
      return std::unexpected(std::move(taken.error()));
    }
  }
  if (values.empty()) return failure(ErrorCode::parameter_missing, fmt::format("{} is missing", name));
  return values;
}

Result<std::vector<std::string>> Query::words(std::string_view name) const {
  std::vector<std::string> words;
  const auto take = [&](std::string_view word) -> Result<void> {
    if (word.empty()) return failure(ErrorCode::parameter_invalid, fmt::format("{} has an empty element", name));
    words.emplace_back(word);
    return {};
  };
  for (const auto& [its_name, value] : parameters_) {
    if (its_name != name) continue;
    if (auto taken = for_each_element(value, take); !taken) return std::unexpected(std::move(taken.error()));
  }
  return words;
}

Result<std::string> Query::name_or(std::string_view name, std::string_view otherwise) const {
  if (find(name) == nullptr) return std::string(otherwise);
  return required_name(name);
}

Result<std::optional<std::string>> Query::optional_name(std::string_view name) const {
  if (find(name) == nullptr) return std::nullopt;
  auto value = required_name(name);
  if (!value) return std::unexpected(std::move(value.error()));
  return std::optional(std::move(*value));
}

Result<std::optional<Timestamp>> Query::moment(std::string_view name, Timestamp now) const {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  Timestamp moment;
  std::string cause;
  std::int64_t count = 0;
  if (const auto back = before_now(*value)) {
    moment = now - *back;
  } else if (is_whole(*value, count)) {
    moment = timestamp_from_ms(count);
    const Timestamp in_microseconds = timestamp_from_ms(to_milliseconds(count, EpochUnit::microseconds));
    if (is_askable(in_microseconds)) moment = in_microseconds;
    cause = likely_cause(count, EpochUnit::milliseconds, now);
  } else if (const auto date = parse_date(*value)) {
    moment = *date;
  } else {
    const TimeRead read = read_time(*value, OffsetSign::blank_is_plus);
    if (read.fault != TimeFault::none) {
      return failure(
          ErrorCode::parameter_invalid,
          fmt::format(
              "{0} must be a time: RFC 3339 (2026-01-31T12:00:00Z), milliseconds since 1970, a date, now, or so "
              "long before now as in -1h; \"{1}\" {2}",
              name, utf8_prefix(*value, kShownBytesMax), text_of(read.fault)));
    }
    moment = read.moment;
    cause = likely_cause(moment);
  }
  if (!is_askable(moment)) {
    return failure(
        ErrorCode::parameter_invalid,
        fmt::format("{} must lie between {} and {}; \"{}\" is {}{}{}", name, format_timestamp(limits::kTimestampFirst),
                    format_timestamp(limits::kTimestampLast), utf8_prefix(*value, kShownBytesMax),
                    format_timestamp(moment), cause.empty() ? "" : ": ", cause));
  }
  return moment;
}

bool Query::from_now(std::string_view name) const {
  const std::string* value = find(name);
  return value != nullptr && before_now(*value).has_value();
}

Result<Duration> Query::duration_or(std::string_view name, Duration otherwise, Duration min, Duration max) const {
  const std::string* value = find(name);
  if (value == nullptr) return otherwise;
  const auto duration = parse_duration(*value);
  if (!duration) {
    return failure(ErrorCode::parameter_invalid, fmt::format("{} must be a duration such as 90s, 15m, 1h or 7d", name));
  }
  if (*duration < min || *duration > max) {
    return failure(ErrorCode::parameter_invalid,
                   fmt::format("{} must be from {} to {}", name, format_duration(min), format_duration(max)));
  }
  return *duration;
}

Result<std::size_t> Query::count_or(std::string_view name, std::size_t otherwise, std::size_t max) const {
  const std::string* value = find(name);
  if (value == nullptr) return otherwise;
  std::size_t count = 0;
  const char* end = value->data() + value->size();
  const auto [stop, error] = std::from_chars(value->data(), end, count);
  if (error != std::errc() || stop != end || count == 0 || count > max) {
    return failure(ErrorCode::parameter_invalid, fmt::format("{} must be a whole number from 1 to {}", name, max));
  }
  return count;
}

Result<void> check_name(std::string_view what, std::string_view text) {
  const bool sensor = what == "sensor" || what == "sensor_id" || what == "sensorId";
  const std::size_t bytes_max = sensor ? limits::kSensorNameBytesMax : limits::kNameBytesMax;
  if (text.empty() || text.size() > bytes_max) {
    return failure(ErrorCode::parameter_invalid, fmt::format("{} must have 1 to {} bytes", what, bytes_max));
  }
  if (!valid_utf8(text) || has_control_characters(text)) {
    return failure(ErrorCode::parameter_invalid, fmt::format("{} must be UTF-8 without control characters", what));
  }
  return {};
}

Result<void> takes_no_parameters(std::string_view query) {
  const auto parsed = Query::parse(query);
  if (!parsed) return std::unexpected(parsed.error());
  return parsed->allow_only({});
}

std::string password_in(std::string_view path, std::string_view query) {
  if (query.empty() || (path != "/write" && path != "/query")) return {};
  const auto parsed = Query::parse(query);
  const std::string* password = parsed ? parsed->find("p") : nullptr;
  return password == nullptr ? std::string() : *password;
}

}  // namespace temperature::http
