#include "pipeline/current_history.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
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

class HidingView final : public HistoryView {
 public:
  HidingView(std::shared_ptr<const PendingDeletions::List> deletions, std::unique_ptr<HistoryView> stored)
      : deletions_(std::move(deletions)), stored_(std::move(stored)) {}

  Result<void> read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit,
                    std::vector<Sample>& out) override {
    const std::size_t end = out.size() + limit;
    return for_each_shown(series, from, to, [&](Timestamp begin, Timestamp behind) -> Result<void> {
      return out.size() < end ? stored_->read(series, begin, behind, end - out.size(), out) : Result<void>();
    });
  }

  // A stretch may be shown in parts: each is folded on its own, and the whole ones behind it together.
  Result<void> fold(SeriesId series, const Steps& steps, std::span<summary::Summary> summaries) override {
    return for_each_shown(series, steps.from, steps.to, [&](Timestamp begin, Timestamp behind) -> Result<void> {
      const std::size_t first = steps.index(begin);
      const Steps beginning{begin, std::min(behind, steps.part(first, 1).to), steps.step};
      if (auto folded = stored_->fold(series, beginning, summaries.subspan(first, 1)); !folded) return folded;
      const Steps rest{steps.part(first, 1).to, behind, steps.step};
      if (rest.from >= rest.to) return {};
      return stored_->fold(series, rest, summaries.subspan(first + 1, rest.count()));
    });
  }

  Result<Found> find(SeriesId series, Timestamp timestamp) override {
    for (const auto& [from, to] : hidden(series)) {
      if (timestamp >= from && timestamp < to) return Found{std::nullopt, from, to};
    }
    return stored_->find(series, timestamp);
  }

  Result<std::optional<Sample>> last_at(SeriesId series, Timestamp at) override {
    const std::vector<Hidden>& all = hidden(series);
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

  [[nodiscard]] std::uint64_t decoded() const override { return stored_->decoded(); }
  [[nodiscard]] std::uint64_t work() const override { return stored_->work(); }

 private:
  // What is hidden of a series: stretches apart from each other, in order.
  const std::vector<Hidden>& hidden(SeriesId series) {
    if (of_ == series) return hidden_;
    of_ = series;
    hidden_.clear();
    for (const auto& deletion : *deletions_) {
      if (deletion->covers(series)) hidden_.push_back({deletion->from, deletion->to});
    }
    std::ranges::sort(hidden_, {}, &Hidden::from);
    std::size_t kept = 0;
    for (std::size_t i = 1; i < hidden_.size(); ++i) {
      if (hidden_[i].from <= hidden_[kept].to) {
        hidden_[kept].to = std::max(hidden_[kept].to, hidden_[i].to);
      } else {
        hidden_[++kept] = hidden_[i];
      }
    }
    if (!hidden_.empty()) hidden_.resize(kept + 1);
    return hidden_;
  }

  // Calls `visit` with each part of from..to that is not hidden, in order.
  template <class Visit>
  Result<void> for_each_shown(SeriesId series, Timestamp from, Timestamp to, Visit visit) {
    for (const auto& each : hidden(series)) {
      if (each.to <= from) continue;
      if (each.from >= to) break;
      if (from < each.from) {
        if (auto visited = visit(from, each.from); !visited) return visited;
      }
      from = each.to;
    }
    return from < to ? visit(from, to) : Result<void>();
  }

  std::shared_ptr<const PendingDeletions::List> deletions_;
  std::unique_ptr<HistoryView> stored_;
  std::optional<SeriesId> of_;
  std::vector<Hidden> hidden_;
};

}  // namespace

// The deletions first: one that is done by now has its tombstones in a view that is taken later.
std::unique_ptr<HistoryView> CurrentHistory::view() const {
  if (!deletions_.any()) [[likely]]
    return history_.view();
  auto deletions = deletions_.list();
  return std::make_unique<HidingView>(std::move(deletions), history_.view());
}

}  // namespace temperature::pipeline
