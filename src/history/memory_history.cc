#include "history/memory_history.h"

#include "base/check.h"

namespace temperature::history {

Result<void> MemoryHistory::write(std::span<const Run> runs) {
  const std::lock_guard lock(mutex_);
  for (const Run& run : runs) {
    for (const Sample& sample : run.samples) contents_.samples[run.series].emplace(sample.timestamp, sample.value);
    if (run.samples.empty()) continue;
    const auto& samples = contents_.samples[run.series];
    const auto& [newest, value] = *samples.rbegin();
    written_extents_[run.series] = {run.series, samples.begin()->first, {newest, value}};
  }
  return {};
}

Result<void> MemoryHistory::commit(Position safe, std::uint64_t definitions_from,
                                   std::span<const catalogue::Definition> definitions) {
  if (failing_.exchange(false)) return failure(ErrorCode::history_failed, "told to fail");
  const std::lock_guard lock(mutex_);
  CHECK(definitions_from == contents_.definitions.size());
  contents_.definitions.insert(contents_.definitions.end(), definitions.begin(), definitions.end());
  for (const auto& [series, extent] : written_extents_) contents_.extents[series] = extent;
  written_extents_.clear();
  contents_.safe = safe;
  return {};
}

Position MemoryHistory::safe_position() const {
  const std::lock_guard lock(mutex_);
  return contents_.safe;
}

std::uint64_t MemoryHistory::definitions_stored() const {
  const std::lock_guard lock(mutex_);
  return contents_.definitions.size();
}

Result<void> MemoryHistory::read_definitions(const std::function<Result<void>(const catalogue::Definition&)>& take) {
  for (const auto& definition : contents().definitions) {
    if (auto taken = take(definition); !taken) return taken;
  }
  return {};
}

Result<void> MemoryHistory::read_extents(const std::function<void(const SeriesExtent&)>& take) {
  for (const auto& [series, extent] : contents().extents) take(extent);
  return {};
}

Result<void> MemoryHistory::read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit,
                                 std::vector<Sample>& out) const {
  const std::lock_guard lock(mutex_);
  const auto found = contents_.samples.find(series);
  if (found == contents_.samples.end()) return {};
  for (auto at = found->second.lower_bound(from); at != found->second.end() && at->first < to && limit-- > 0; ++at) {
    out.push_back({at->first, at->second});
  }
  return {};
}

Result<std::optional<double>> MemoryHistory::find(SeriesId series, Timestamp timestamp) const {
  const std::lock_guard lock(mutex_);
  const auto found = contents_.samples.find(series);
  if (found == contents_.samples.end()) return std::nullopt;
  const auto at = found->second.find(timestamp);
  return at == found->second.end() ? std::nullopt : std::optional(at->second);
}

Result<std::optional<Sample>> MemoryHistory::last_at(SeriesId series, Timestamp at) const {
  const std::lock_guard lock(mutex_);
  const auto found = contents_.samples.find(series);
  if (found == contents_.samples.end()) return std::nullopt;
  const auto after = found->second.upper_bound(at);
  if (after == found->second.begin()) return std::nullopt;
  const auto& [timestamp, value] = *std::prev(after);
  return Sample{timestamp, value};
}

MemoryHistory::Contents MemoryHistory::contents() const {
  const std::lock_guard lock(mutex_);
  return contents_;
}

}  // namespace temperature::history
