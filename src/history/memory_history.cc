#include "history/memory_history.h"

#include <algorithm>

#include "base/check.h"

namespace temperature::history {
namespace {

using Samples = std::map<Timestamp, double>;

class MemoryView final : public HistoryView {
 public:
  MemoryView(std::shared_ptr<const SampleTable> samples, std::mutex& mutex)
      : samples_(std::move(samples)), mutex_(mutex) {}
  ~MemoryView() override {
    const std::lock_guard lock(mutex_);  // a writer who counts the views comes after what this one read
    samples_.reset();
  }
  MemoryView(const MemoryView&) = delete;
  MemoryView& operator=(const MemoryView&) = delete;

  Result<void> read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit,
                    std::vector<Sample>& out) override {
    const Samples& mine = of(series);
    for (auto at = mine.lower_bound(from); at != mine.end() && at->first < to && limit-- > 0; ++at) {
      out.push_back({at->first, at->second});
    }
    return {};
  }

  Result<void> fold(SeriesId series, const Steps& steps, std::span<summary::Summary> summaries) override {
    const Samples& mine = of(series);
    for (auto at = mine.lower_bound(steps.from); at != mine.end() && at->first < steps.to; ++at) {
      summaries[steps.index(at->first)].add(Sample{at->first, at->second});
    }
    return {};
  }

  Result<Found> find(SeriesId series, Timestamp timestamp) override {
    const Samples& mine = of(series);
    const auto at = mine.lower_bound(timestamp);
    if (at != mine.end() && at->first == timestamp) return Found{at->second, timestamp, timestamp};
    return Found{std::nullopt, at == mine.begin() ? kTimestampMin : std::prev(at)->first + Duration(1),
                 at == mine.end() ? kTimestampMax : at->first};
  }

  Result<std::optional<Sample>> last_at(SeriesId series, Timestamp at) override {
    const Samples& mine = of(series);
    const auto after = mine.upper_bound(at);
    if (after == mine.begin()) return std::nullopt;
    const auto& [timestamp, value] = *std::prev(after);
    return Sample{timestamp, value};
  }

  [[nodiscard]] std::uint64_t decoded() const override { return 0; }

 private:
  [[nodiscard]] const Samples& of(SeriesId series) const {
    static const Samples none;
    const auto found = samples_->find(series);
    return found == samples_->end() ? none : found->second;
  }

  std::shared_ptr<const SampleTable> samples_;
  std::mutex& mutex_;
};

}  // namespace

Result<void> MemoryHistory::write(std::span<const Run> runs) {
  const std::lock_guard lock(mutex_);
  SampleTable& table = own_samples();
  for (const Run& run : runs) {
    auto& samples = table[run.series];
    for (const Sample& sample : run.samples) samples.emplace(sample.timestamp, sample.value);
    if (run.samples.empty()) continue;
    const auto& [newest, value] = *samples.rbegin();
    contents_.extents[run.series] = {run.series, samples.begin()->first, {newest, value}};
  }
  return {};
}

Result<Erased> MemoryHistory::erase(SeriesId series, Timestamp from, Timestamp to, Tally* tally) {
  const std::lock_guard lock(mutex_);
  Samples& samples = own_samples()[series];
  const auto begin = samples.lower_bound(from);
  const auto end = samples.lower_bound(to);
  Erased erased{.samples = static_cast<std::uint64_t>(std::distance(begin, end))};
  samples.erase(begin, end);
  if (tally != nullptr) {
    tally->readings += erased.samples;
    tally->upto = series;
    contents_.tallies[tally->position] = *tally;
  }
  if (samples.empty()) {
    contents_.extents.erase(series);
    return erased;
  }
  const auto& [newest, value] = *samples.rbegin();
  contents_.extents[series] = {series, samples.begin()->first, {newest, value}};
  return erased;
}

Result<void> MemoryHistory::replace(SeriesId series, std::span<const Sample> samples) {
  const std::lock_guard lock(mutex_);
  Samples& mine = own_samples()[series];
  for (const Sample& sample : samples) mine.insert_or_assign(sample.timestamp, sample.value);
  if (mine.empty()) return {};
  const auto& [newest, value] = *mine.rbegin();
  contents_.extents[series] = {series, mine.begin()->first, {newest, value}};
  return {};
}

Result<void> MemoryHistory::commit(Position safe, std::uint64_t definitions_from,
                                   std::span<const catalogue::Definition> definitions) {
  if (failing_.exchange(false)) return failure(ErrorCode::history_failed, "told to fail");
  const std::lock_guard lock(mutex_);
  CHECK(definitions_from == contents_.definitions.size());
  contents_.definitions.insert(contents_.definitions.end(), definitions.begin(), definitions.end());
  contents_.safe = safe;
  for (auto& [position, entry] : noted_) {
    contents_.tallies.erase(position);
    if (position > contents_.audit_head.position) {
      contents_.audit.emplace(position, audit::encode(audit::append(contents_.audit_head, std::move(entry))));
    }
  }
  noted_.clear();
  return {};
}

Result<std::optional<Tally>> MemoryHistory::tally(Position position) const {
  const std::lock_guard lock(mutex_);
  const auto found = contents_.tallies.find(position);
  return found == contents_.tallies.end() ? std::nullopt : std::optional(found->second);
}

Result<void> MemoryHistory::put_tally(const Tally& tally) {
  const std::lock_guard lock(mutex_);
  contents_.tallies[tally.position] = tally;
  return {};
}

void MemoryHistory::note(audit::Entry entry) {
  const std::lock_guard lock(mutex_);
  const Position position = entry.position;
  noted_.insert_or_assign(position, std::move(entry));
}

audit::Head MemoryHistory::audit_head() const {
  const std::lock_guard lock(mutex_);
  return contents_.audit_head;
}

Result<void> MemoryHistory::read_audit(
    Position after, const std::function<bool(Position position, std::string_view bytes)>& take) const {
  const auto audit = contents().audit;
  for (auto at = audit.upper_bound(after); at != audit.end() && take(at->first, at->second); ++at) {
  }
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

// A table that no view looks at.
SampleTable& MemoryHistory::own_samples() {
  if (contents_.samples.use_count() > 1) contents_.samples = std::make_shared<SampleTable>(*contents_.samples);
  return *contents_.samples;
}

std::unique_ptr<HistoryView> MemoryHistory::view() const {
  const std::lock_guard lock(mutex_);
  return std::make_unique<MemoryView>(contents_.samples, mutex_);
}

Result<void> MemoryHistory::expire(Timestamp, Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) {
  const std::lock_guard lock(mutex_);
  for (auto& [series, samples] : own_samples()) {
    const auto kept = samples.lower_bound(std::min(upto, keep_from(series)));
    const auto gone = static_cast<std::uint64_t>(std::distance(samples.begin(), kept));
    figures_.readings_expired.fetch_add(gone, std::memory_order_relaxed);
    samples.erase(samples.begin(), kept);
  }
  return {};
}

Result<Weight> MemoryHistory::weigh(Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) const {
  const std::lock_guard lock(mutex_);
  Weight weight;
  for (const auto& [series, samples] : *contents_.samples) {
    const auto kept = samples.lower_bound(std::min(upto, keep_from(series)));
    weight.readings += static_cast<std::uint64_t>(std::distance(samples.begin(), kept));
    weight.all += samples.size();
  }
  return weight;
}

MemoryHistory::Contents MemoryHistory::contents() const {
  const std::lock_guard lock(mutex_);
  return contents_;
}

}  // namespace temperature::history
