#include "mapping/sensor_name_counts.h"

#include <algorithm>

#include "base/keyed_hash.h"

namespace temperature::mapping {
namespace {

constexpr std::size_t kFewNames = 4;

// The tag that says most about which sensor it is; nullptr: the name is made of others.
const MeantTag* main_tag(const MeantTags& tags, const LineRules& rules) {
  for (const std::string& key : rules.sensor_tags) {
    const auto at = std::ranges::find(tags, key, &MeantTag::key);
    if (at != tags.end() && at->use == TagUse::sensor) return &*at;
  }
  return nullptr;
}

}  // namespace

void SensorNameCounts::count(const MeantTags& tags, const LineRules& rules, const SensorName& name) {
  const MeantTag* tag = name.tags > 1 ? main_tag(tags, rules) : nullptr;
  if (tag == nullptr || tag->value.size() > limits::kSensorTagBytesWatched) return;
  std::string key;
  append_escaped(key, tag->key);
  key.push_back('=');
  append_escaped(key, tag->value);
  {
    const std::lock_guard lock(mutex_);
    Names* names = names_of(key);
    if (names == nullptr || names->told) return;
    const std::uint64_t hash = keyed_hash(name.name);
    if (std::ranges::find(names->seen, hash) != names->seen.end()) return;
    names->seen.push_back(hash);
    if (names->seen.size() <= limits::kNamesOfSensorTag) return;
    names->told = true;
    names->seen = {};
  }
  report_(tag->key, tag->value, name.from);
}

// Where there is no room, values with the fewest names make it; nullptr: none did.
SensorNameCounts::Names* SensorNameCounts::names_of(const std::string& tag) {
  if (const auto known = by_tag_.find(tag); known != by_tag_.end()) return &known->second;
  if (by_tag_.size() >= limits::kSensorTagsWatched) {
    boost::unordered::erase_if(
        by_tag_, [](const auto& each) { return !each.second.told && each.second.seen.size() < kFewNames; });
  }
  if (by_tag_.size() >= limits::kSensorTagsWatched) return nullptr;
  return &by_tag_[tag];
}

}  // namespace temperature::mapping
