#include "telemetry/reject_counts.h"

#include <algorithm>
#include <utility>

namespace temperature::telemetry {

void RejectCounts::add(RejectKey key, std::uint64_t count, Timestamp at) {
  if (count == 0) return;
  auto row = counts_.find(key);
  if (row == counts_.end()) {
    if (counts_.size() >= limits::kRejectGroupsMax) {
      for (std::size_t field = std::to_underlying(RejectField::sender); field < key.size(); ++field) key[field].clear();
    }
    row = counts_.try_emplace(std::move(key)).first;
  }
  row->second.count += count;
  row->second.last = std::max(row->second.last, at);
}

std::vector<RejectGroup> RejectCounts::all() const {
  std::vector<RejectGroup> groups;
  groups.reserve(counts_.size());
  for (const auto& [key, count] : counts_) groups.push_back({key, count.count, count.last});
  return groups;
}

std::vector<RejectGroup> group_rejects(std::vector<RejectGroup> groups, std::span<const RejectField> fields) {
  std::map<RejectKey, RejectGroup> sums;
  for (RejectGroup& group : groups) {
    RejectKey key;
    for (const RejectField field : fields) {
      key[std::to_underlying(field)] = std::move(group.key[std::to_underlying(field)]);
    }
    const auto [sum, added] = sums.try_emplace(key, RejectGroup{key, 0, kTimestampMin});
    sum->second.count += group.count;
    sum->second.last = std::max(sum->second.last, group.last);
  }
  groups.clear();
  for (auto& [key, sum] : sums) groups.push_back(std::move(sum));
  std::ranges::stable_sort(groups, std::ranges::greater(), &RejectGroup::count);
  return groups;
}

std::optional<RejectField> reject_field_of(std::string_view name) {
  const auto found = std::ranges::find(kRejectFields, name);
  if (found == kRejectFields.end()) return std::nullopt;
  return static_cast<RejectField>(found - kRejectFields.begin());
}

}  // namespace temperature::telemetry
