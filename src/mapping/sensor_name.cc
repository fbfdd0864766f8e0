#include "mapping/sensor_name.h"

#include <algorithm>
#include <utility>

#include "mapping/line_units.h"
#include "model/name.h"

namespace temperature::mapping {
namespace {

using ingest::LineName;

bool contains(const std::vector<std::string>& keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

// The built-in ones too where the operator names others: a unit is never a sensor's name.
bool is_unit_tag(std::string_view key, const LineRules& rules) {
  static const LineRules built_in;
  return is_unit_key(rules, key) || is_unit_key(built_in, key);
}

bool is_second_choice(std::string_view key) {
  return std::ranges::find(kSecondChoiceTags, key) != std::end(kSecondChoiceTags);
}

bool is_describing(std::string_view key) {
  constexpr std::size_t kLongest = 32;
  if (key.size() > kLongest) return false;
  char small[kLongest];
  std::ranges::transform(key, small,
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::ranges::binary_search(kDescribingTags, std::string_view(small, key.size()));
}

std::string_view meaning_of(std::string_view written, MadeNames& made) {
  if (!written.contains('\\')) return written;
  return made.emplace_back(ingest::unescape_line_name(written, LineName::key_or_value));
}

MeantTag* find_first(MeantTags& tags, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    const auto at = std::ranges::find(tags, key, &MeantTag::key);
    if (at != tags.end()) return &*at;
  }
  return nullptr;
}

// Under former rules.
void use_first_sensor_tag(MeantTags& tags, const LineRules& rules) {
  if (MeantTag* sensor = find_first(tags, rules.sensor_tags)) sensor->use = TagUse::sensor;
}

// Home Assistant's preset: `entity_id` alone names the sensor.
void use_entity(MeantTags& tags) {
  if (std::ranges::find(tags, "domain", &MeantTag::key) == tags.end()) return;
  const auto entity = std::ranges::find(tags, "entity_id", &MeantTag::key);
  if (entity == tags.end()) return;
  for (MeantTag& tag : tags) {
    if (tag.use == TagUse::sensor) tag.use = TagUse::unused;
  }
  entity->use = TagUse::sensor;
}

// Under current rules.
void use_naming_tags(MeantTags& tags, const LineRules& rules, std::string_view sensor_id) {
  const bool given = names_by_given_tags(rules);
  bool first_choice = false;
  MeantTag* proven = nullptr;
  for (MeantTag& tag : tags) {
    const bool sensor_tag = contains(rules.sensor_tags, tag.key);
    if (!sensor_tag && (contains(rules.building_tags, tag.key) || contains(rules.room_tags, tag.key))) continue;
    if (!sensor_tag && is_unit_tag(tag.key, rules)) {
      tag.use = TagUse::unit;
      continue;
    }
    if (!sensor_tag && is_describing(tag.key)) {
      tag.use = TagUse::describing;
    } else if (sensor_tag || !given) {
      tag.use = TagUse::sensor;
      first_choice = first_choice || (sensor_tag && !is_second_choice(tag.key));
    }
    if (!sensor_id.empty() && tag.value == sensor_id && proven == nullptr) proven = &tag;
  }
  for (MeantTag& tag : tags) {
    if (tag.use != TagUse::sensor) continue;
    if (proven != nullptr || (first_choice && !given && is_second_choice(tag.key))) tag.use = TagUse::unused;
  }
  if (proven == nullptr) return;
  proven->use = TagUse::sensor;
  proven->proven = true;
}

}  // namespace

bool names_by_given_tags(const LineRules& rules) {
  static const std::vector<std::string> built_in = LineRules().sensor_tags;
  return rules.sensor_tags != built_in;
}

MeantTags read_tags(const ingest::LineSeries& series, const LineRules& rules, std::string_view sensor_id,
                    MadeNames& made) {
  MeantTags tags;
  for (const auto& [key, value] : series.tags()) tags.push_back({meaning_of(key, made), meaning_of(value, made)});
  if (rules.reading_rules == ReadingRules::former) {
    use_first_sensor_tag(tags, rules);
  } else {
    use_naming_tags(tags, rules, sensor_id);
  }
  if (rules.home_assistant && std::ranges::none_of(tags, &MeantTag::proven)) use_entity(tags);
  // One tag may be of several lists; then it names all that they say, and counts as the sensor's.
  for (const auto& [keys, use] :
       {std::pair(&rules.building_tags, TagUse::building), std::pair(&rules.room_tags, TagUse::room)}) {
    MeantTag* tag = find_first(tags, *keys);
    if (tag != nullptr && tag->use != TagUse::sensor) tag->use = use;
  }
  return tags;
}

// The name that somebody typed into a tag is the one that is meant, also where it is a part of a sensor's name. One
// that is refused stays as it is: the sensor's name is refused then, for the same reason.
std::string_view part_of_name(std::string_view value, const LineRules& rules, MadeNames& made) {
  if (rules.reading_rules == ReadingRules::former || is_normal_name(value)) return value;
  const auto normal = normalise_name("sensor", value, made.emplace_back());
  return normal ? *normal : value;
}

void append_escaped(std::string& text, std::string_view name) {
  for (const char c : name) {
    if (c == '\\' || c == ',' || c == '=') text.push_back('\\');
    text.push_back(c);
  }
}

SensorName sensor_name(const MeantTags& tags, const LineRules& rules, MadeNames& made) {
  boost::container::small_vector<const MeantTag*, 16> naming;
  for (const MeantTag& tag : tags) {
    if (tag.use == TagUse::sensor) naming.push_back(&tag);
  }
  if (naming.empty()) return {};
  const MeantTag& first = *naming.front();
  if (naming.size() == 1 && (first.proven || contains(rules.sensor_tags, first.key))) {
    return {first.value, first.key, 1};
  }
  std::ranges::sort(naming, {}, &MeantTag::key);
  std::string& name = made.emplace_back();
  std::string& from = made.emplace_back();
  for (const MeantTag* tag : naming) {
    if (!name.empty()) name.push_back(',');
    append_escaped(name, tag->key);
    name.push_back('=');
    append_escaped(name, part_of_name(tag->value, rules, made));
    from.append(from.empty() ? "" : ", ").append(tag->key);
  }
  return {name, from, static_cast<std::uint32_t>(naming.size())};
}

std::string unused_tags(std::string_view line, const LineRules& rules, std::string_view sensor_id,
                        std::size_t bytes_max) {
  constexpr std::string_view kMore = "...";
  ingest::LineReader reader(line);
  ingest::LinePoint point;
  ingest::LineSeries series;
  if (reader.next(point) == ingest::LineReader::Found::end) return {};
  if (series.read(point.series) != ingest::LineFault::none) return {};
  MadeNames made;
  std::string text;
  for (const MeantTag& tag : read_tags(series, rules, sensor_id, made)) {
    if (tag.use != TagUse::unused && tag.use != TagUse::describing) continue;
    text.append(text.empty() ? "" : ", ").append(tag.key).append("=").append(tag.value);
    if (text.size() > bytes_max) break;
  }
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max - std::min(bytes_max, kMore.size());
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;  // a character's middle
  return text.erase(end).append(kMore);
}

}  // namespace temperature::mapping
