#include "pipeline/current_history.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/time.h"
#include "pipeline/room_reader.h"
#include "summary/steps.h"

namespace temperature::pipeline {
namespace {

using history::Found;
using history::HistoryView;
using history::Steps;

struct Hidden {
  Timestamp from;
  Timestamp to;
};

// What is pending makes of a series.
struct Shadow {
  std::vector<Hidden> hidden;  // stretches apart from each other, in order
  std::vector<Sample> shown;   // in order of time, in the places of what is stored there, or hidden, or nothing
};

// Corrected readings that lie closer to each other than this are read together with what stands between them.
constexpr Duration kReadTogether = std::chrono::days(1);

// The samples with from <= timestamp < to.
std::span<const Sample> shown_between(std::span<const Sample> samples, Timestamp from, Timestamp to) {
  const auto begin = std::ranges::lower_bound(samples, from, {}, &Sample::timestamp);
  return {begin, std::ranges::lower_bound(begin, samples.end(), to, {}, &Sample::timestamp)};
}

// Puts `newer` into `samples`, from `begin` on, in the places of what stands there. Both are in order of time.
void put_over(std::vector<Sample>& samples, std::size_t begin, std::span<const Sample> newer) {
  if (newer.empty()) return;
  std::vector<Sample> both;
  both.reserve(samples.size() - begin + newer.size());
  auto older = samples.begin() + static_cast<std::ptrdiff_t>(begin);
  for (const Sample& each : newer) {
    for (; older != samples.end() && older->timestamp < each.timestamp; ++older) both.push_back(*older);
    if (older != samples.end() && older->timestamp == each.timestamp) ++older;
    both.push_back(each);
  }
  both.insert(both.end(), older, samples.end());
  samples.resize(begin);
  samples.insert(samples.end(), both.begin(), both.end());
}

class HidingView final : public HistoryView {
 public:
  HidingView(std::shared_ptr<const PendingDeletions::List> deletions, std::unique_ptr<HistoryView> stored,
             bool shows_corrections)
      : deletions_(std::move(deletions)), stored_(std::move(stored)), shows_corrections_(shows_corrections) {}

  Result<void> read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit,
                    std::vector<Sample>& out) override {
    const std::size_t begin = out.size();
    auto read = for_each_part(series, from, to, [&](Timestamp first, Timestamp behind) -> Result<void> {
      const std::size_t found = out.size() - begin;
      return found < limit ? stored_->read(series, first, behind, limit - found, out) : Result<void>();
    });
    if (!read) return read;
    if (out.size() - begin == limit && limit > 0) to = std::min(to, tick_after(out.back().timestamp));
    put_over(out, begin, shown_between(shadow(series).shown, from, to));
    if (out.size() - begin > limit) out.resize(begin + limit);
    return {};
  }

  // Where samples are shown in others' places, one by one; else as the store does.
  Result<void> fold(SeriesId series, const Steps& steps, std::span<summary::Summary> summaries) override {
    std::span<const Sample> shown = shown_between(shadow(series).shown, steps.from, steps.to);
    Timestamp from = steps.from;
    while (!shown.empty()) {
      std::size_t together = 1;
      while (together < shown.size() && shown[together].timestamp - shown[together - 1].timestamp < kReadTogether) {
        ++together;
      }
      const Timestamp begin = shown.front().timestamp;
      const Timestamp end = tick_after(shown[together - 1].timestamp);
      if (auto folded = fold_parts(series, {from, begin, steps.step}, steps, summaries); !folded) return folded;
      if (auto folded = fold_samples(series, begin, end, steps, summaries); !folded) return folded;
      from = end;
      shown = shown.subspan(together);
    }
    return fold_parts(series, {from, steps.to, steps.step}, steps, summaries);
  }

  Result<Found> find(SeriesId series, Timestamp timestamp) override {
    const Shadow& mine = shadow(series);
    const auto at = std::ranges::lower_bound(mine.shown, timestamp, {}, &Sample::timestamp);
    if (at != mine.shown.end() && at->timestamp == timestamp) return Found{at->value, timestamp, timestamp};
    const auto over = std::ranges::upper_bound(mine.hidden, timestamp, {}, &Hidden::from);
    const bool hides = over != mine.hidden.begin() && timestamp < std::prev(over)->to;
    auto found =
        hides ? Found{std::nullopt, std::prev(over)->from, std::prev(over)->to} : stored_->find(series, timestamp);
    if (!found || found->value) return found;
    if (at != mine.shown.begin()) found->gap_from = std::max(found->gap_from, tick_after(std::prev(at)->timestamp));
    if (at != mine.shown.end()) found->gap_to = std::min(found->gap_to, at->timestamp);
    return found;
  }

  Result<std::optional<Sample>> last_at(SeriesId series, Timestamp at) override {
    const Shadow& mine = shadow(series);
    const auto after = std::ranges::upper_bound(mine.shown, at, {}, &Sample::timestamp);
    auto stored = last_stored_at(series, at);
    if (!stored || after == mine.shown.begin()) return stored;
    const Sample& shown = *std::prev(after);
    return !*stored || (*stored)->timestamp <= shown.timestamp ? std::optional(shown) : *stored;
  }

  [[nodiscard]] std::uint64_t decoded() const override { return stored_->decoded(); }
  [[nodiscard]] std::uint64_t work() const override { return stored_->work(); }

 private:
  const Shadow& shadow(SeriesId series) {
    const auto [known, is_new] = shadows_.try_emplace(series);
    Shadow& mine = known->second;
    if (!is_new) return mine;
    std::vector<Sample> corrected;
    for (const auto& deletion : *deletions_) {
      if (deletion->covers(series)) {
        mine.hidden.push_back({deletion->from, deletion->to});
        std::erase_if(mine.shown, [&](const Sample& each) { return deletion->covers(each.timestamp); });
      }
      corrected.clear();
      for (const auto& each : deletion->corrected_of(series)) corrected.push_back(each.sample);
      if (shows_corrections_) {
        put_over(mine.shown, 0, corrected);
      } else {
        for (const Sample& each : corrected) mine.hidden.push_back({each.timestamp, tick_after(each.timestamp)});
      }
    }
    join(mine.hidden);
    return mine;
  }

  static void join(std::vector<Hidden>& hidden) {
    std::ranges::sort(hidden, {}, &Hidden::from);
    std::size_t kept = 0;
    for (std::size_t i = 1; i < hidden.size(); ++i) {
      if (hidden[i].from <= hidden[kept].to) {
        hidden[kept].to = std::max(hidden[kept].to, hidden[i].to);
      } else {
        hidden[++kept] = hidden[i];
      }
    }
    if (!hidden.empty()) hidden.resize(kept + 1);
  }

  // Calls `visit` with each part of from..to that is not hidden, in order.
  template <class Visit>
  Result<void> for_each_part(SeriesId series, Timestamp from, Timestamp to, Visit visit) {
    for (const auto& each : shadow(series).hidden) {
      if (each.to <= from) continue;
      if (each.from >= to) break;
      if (from < each.from) {
        if (auto visited = visit(from, each.from); !visited) return visited;
      }
      from = each.to;
    }
    return from < to ? visit(from, to) : Result<void>();
  }

  // What is stored within `stretch`. It may be shown in parts: each is folded on its own, and the whole steps behind it
  // together.
  Result<void> fold_parts(SeriesId series, const Steps& stretch, const Steps& steps,
                          std::span<summary::Summary> summaries) {
    return for_each_part(series, stretch.from, stretch.to, [&](Timestamp begin, Timestamp behind) -> Result<void> {
      const std::size_t first = steps.index(begin);
      const Steps beginning{begin, std::min(behind, steps.part(first, 1).to), steps.step};
      if (auto folded = stored_->fold(series, beginning, summaries.subspan(first, 1)); !folded) return folded;
      const Steps rest{steps.part(first, 1).to, behind, steps.step};
      if (rest.from >= rest.to) return {};
      return stored_->fold(series, rest, summaries.subspan(first + 1, rest.count()));
    });
  }

  Result<void> fold_samples(SeriesId series, Timestamp from, Timestamp to, const Steps& steps,
                            std::span<summary::Summary> summaries) {
    std::vector<Sample> samples;
    while (from < to) {
      samples.clear();
      if (auto found = read(series, from, to, limits::kReadAtOnce, samples); !found) return found;
      for (const Sample& sample : samples) summaries[steps.index(sample.timestamp)].add(sample);
      from = samples.size() < limits::kReadAtOnce ? to : tick_after(samples.back().timestamp);
    }
    return {};
  }

  Result<std::optional<Sample>> last_stored_at(SeriesId series, Timestamp at) {
    const std::vector<Hidden>& all = shadow(series).hidden;
    for (auto each = all.rbegin(); each != all.rend(); ++each) {
      if (at >= each->to) {
        auto last = stored_->last_at(series, at);
        if (!last || !*last || (*last)->timestamp >= each->to) return last;
      }
      if (at >= each->from) {
        if (each->from == kTimestampMin) return std::nullopt;
        at = each->from - kTick;
      }
    }
    return stored_->last_at(series, at);
  }

  std::shared_ptr<const PendingDeletions::List> deletions_;
  std::unique_ptr<HistoryView> stored_;
  const bool shows_corrections_;
  std::map<SeriesId, Shadow> shadows_;  // as far as it was asked
};

}  // namespace

// The deletions first: one that is done by now has its tombstones in a view that is taken later.
std::unique_ptr<HistoryView> CurrentHistory::view() const {
  if (!deletions_.any()) [[likely]]
    return history_.view();
  auto deletions = deletions_.list();
  return std::make_unique<HidingView>(std::move(deletions), history_.view(), shows_corrections_);
}

}  // namespace temperature::pipeline
