#include "doors/line_conflicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "ingest/line_protocol.h"
#include "mapping/line_names.h"
#include "mapping/sensor_name.h"

namespace temperature::doors {
namespace {

using Tag = std::pair<std::string, std::string>;

// A line as far as it matters here.
struct Looked {
  std::string building;
  std::string room;
  std::string sensor;
  std::string measurement;
  std::optional<std::int64_t> timestamp;
  std::vector<Tag> unused;

  [[nodiscard]] auto identity() const { return std::tie(building, room, sensor, measurement, timestamp); }
};

// The tags that building, room, sensor and unit were not taken from.
std::vector<Tag> unused_tags_of(const ingest::LineSeries& series, const mapping::LineRules& rules,
                                std::string_view sensor_id, mapping::MadeNames& made) {
  std::vector<Tag> unused;
  for (const mapping::MeantTag& tag : read_tags(series, rules, sensor_id, made)) {
    if (tag.use != mapping::TagUse::unused && tag.use != mapping::TagUse::describing) continue;
    unused.emplace_back(tag.key, tag.value);
  }
  return unused;
}

std::optional<Looked> look(std::string_view line, const mapping::LineRules& rules, const mapping::DeviceMap& devices,
                           std::string_view sensor_id) {
  ingest::LineReader reader(line);
  ingest::LinePoint point;
  ingest::LineSeries series;
  if (reader.next(point) != ingest::LineReader::Found::point) return std::nullopt;
  if (series.read(point.series) != ingest::LineFault::none) return std::nullopt;
  mapping::MadeNames made;
  const mapping::LineNames names = names_of(series, rules, devices, made, sensor_id);
  return Looked{
      std::string(names.building),    std::string(names.room), std::string(names.sensor),
      std::string(names.measurement), point.timestamp,         unused_tags_of(series, rules, sensor_id, made)};
}

std::string joined(const std::vector<Tag>& tags) {
  std::string text;
  for (const auto& [key, value] : tags) text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ", ", key, value);
  return text;
}

}  // namespace

std::string_view LineConflicts::take_line(std::size_t& at) {
  const std::size_t end = std::min(body_.find('\n', at), body_.size());
  std::string_view line = body_.substr(at, end - at);
  bytes_passed_ += end + 1 - at;
  at = std::min(end + 1, body_.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t LineConflicts::find(std::size_t number) {
  const std::size_t wanted = number / limits::kLinesBetweenMarks;
  if (marks_.empty()) marks_.push_back(0);
  std::size_t mark = std::min(wanted, marks_.size() - 1);
  std::size_t at = marks_[mark];
  for (std::size_t line = mark * limits::kLinesBetweenMarks; line < number && at < body_.size();) {
    take_line(at);
    if (++line % limits::kLinesBetweenMarks != 0) continue;
    if (++mark == marks_.size()) marks_.push_back(at);
  }
  return at;
}

std::string_view LineConflicts::line(std::uint32_t number) {
  std::size_t at = find(number);
  return at < body_.size() ? take_line(at) : std::string_view();
}

std::string LineConflicts::unused_tags(std::uint32_t number) {
  const std::string_view text = line(number);
  const auto own = look(text, rules_, devices_, sensor_id_);
  if (!own || own->unused.empty()) return {};
  const std::string_view measurement = text.substr(0, text.find_first_of(", "));
  std::vector<std::string_view> lines_before;
  std::size_t at = find(number - std::min<std::size_t>(number, limits::kLinesLookedBack));
  while (lines_before.size() < std::min<std::size_t>(number, limits::kLinesLookedBack)) {
    lines_before.push_back(take_line(at));
  }
  for (std::uint32_t before = 1; before <= lines_before.size(); ++before) {
    const std::string_view other_text = lines_before[lines_before.size() - before];
    if (!other_text.starts_with(measurement)) continue;
    const auto other = look(other_text, rules_, devices_, sensor_id_);
    if (!other || other->identity() != own->identity()) continue;
    std::vector<Tag> differ;
    std::ranges::copy_if(own->unused, std::back_inserter(differ), [&other](const Tag& tag) {
      return std::ranges::find(other->unused, tag) == other->unused.end();
    });
    if (differ.empty()) continue;
    return fmt::format("; {} differ from those of line {} and have no part in the sensor's name", joined(differ),
                       number - before + 1);
  }
  return fmt::format("; the line's tags {} have no part in the sensor's name", joined(own->unused));
}

}  // namespace temperature::doors
