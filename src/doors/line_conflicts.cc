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

std::string_view LineConflicts::line(std::uint32_t number) {
  while (lines_.size() <= number && !body_.empty()) {
    const std::size_t end = std::min(body_.find('\n'), body_.size());
    std::string_view next = body_.substr(0, end);
    body_.remove_prefix(std::min(end + 1, body_.size()));
    if (next.ends_with('\r')) next.remove_suffix(1);
    lines_.push_back(next);
  }
  return number < lines_.size() ? lines_[number] : std::string_view();
}

std::string LineConflicts::unused_tags(std::uint32_t number) {
  const std::string_view text = line(number);
  const auto own = look(text, rules_, devices_, sensor_id_);
  if (!own || own->unused.empty()) return {};
  const std::string_view measurement = text.substr(0, text.find_first_of(", "));
  const std::uint32_t back = static_cast<std::uint32_t>(std::min<std::size_t>(number, limits::kLinesLookedBack));
  for (std::uint32_t before = 1; before <= back; ++before) {
    const std::string_view other_text = lines_[number - before];
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
