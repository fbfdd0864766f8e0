#include <algorithm>
#include <vector>

#include "base/time.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "pipeline/read_path.h"
#include "window/windows.h"

// Pages of raw readings, from memory and the history together.
namespace temperature::pipeline {
namespace {

constexpr std::size_t kSomeMore = 8;  // readings of a series, beyond its share of a page

// The earliest readings of those that are offered, in order of (timestamp, sensor), each once; not those that
// the page before had.
class Earliest {
 public:
  Earliest(std::size_t most, const std::optional<answer::ReadingsCursor>& after) : most_(most), after_(after) {}

  void offer(std::string_view sensor, const Sample& sample) {
    if (sample.timestamp >= end_) return;
    if (after_ && sample.timestamp == after_->timestamp && sensor <= after_->sensor) return;
    rows_.push_back({sensor, sample.timestamp, sample.value});
    if (rows_.size() >= 2 * most_ + kSlack) trim();
  }

  // From this moment on nothing gets in any more: there are enough before it.
  [[nodiscard]] Timestamp end() const { return end_; }

  // Sorts them, and leaves out those from `known` on: before it everything was offered.
  std::vector<answer::ReadingRow>& settle(Timestamp known) {
    trim();
    rows_.erase(std::ranges::lower_bound(rows_, known, {}, &answer::ReadingRow::timestamp), rows_.end());
    return rows_;
  }

 private:
  static constexpr std::size_t kSlack = 1024;  // small pages need not be sorted again and again
  static std::pair<Timestamp, std::string_view> identity(const answer::ReadingRow& row) {
    return {row.timestamp, row.sensor};
  }

  void trim() {
    std::ranges::sort(rows_, {}, identity);
    const auto repeated = std::ranges::unique(rows_, {}, identity);
    rows_.erase(repeated.begin(), repeated.end());
    if (rows_.size() < most_) return;
    rows_.resize(most_);
    end_ = rows_.back().timestamp + kTick;
  }

  const std::size_t most_;
  const std::optional<answer::ReadingsCursor>& after_;
  std::vector<answer::ReadingRow> rows_;
  Timestamp end_ = kTimestampMax;
};

// Offers the room's readings from `from` on, of each series about a share; tells before which moment, `to` at most,
// these are all there are.
class Round {
 public:
  Round(const window::Windows& windows, const history::HistorySource& history, const RoomSeries& room)
      : windows_(windows), history_(history), room_(room), names_(room.series.back().place.slot.value() + 1U) {
    for (const auto& series : room.series) names_[series.place.slot.value()] = series.sensor;
  }

  Result<Timestamp> offer(Timestamp from, Timestamp to, std::size_t share, std::size_t wanted, Earliest& earliest) {
    Timestamp known = to;
    kept_.clear();
    const Timestamp floor = room_.slot ? windows_.collect(room_.window, from, known, room_.slot, kept_)
                                       : windows_.collect_first(room_.window, wanted, from, known, kept_);
    for (const auto& [slot, sample] : kept_) {
      if (slot.value() < names_.size()) earliest.offer(names_[slot.value()], sample);
    }
    const auto view = history_.view();  // after memory: what has left it in between is here
    for (const auto& series : room_.series) {
      const Timestamp end = std::min({known, floor, earliest.end()});
      if (from >= end) break;
      stored_.clear();
      if (auto read = view->read(series.id, from, end, share, stored_); !read) return std::unexpected(read.error());
      if (stored_.size() == share) known = stored_.back().timestamp + kTick;
      for (const Sample& sample : stored_) earliest.offer(series.sensor, sample);
    }
    return known;
  }

 private:
  const window::Windows& windows_;
  const history::HistorySource& history_;
  const RoomSeries& room_;
  std::vector<std::string_view> names_;  // by slot
  std::vector<window::SlotSample> kept_;
  std::vector<Sample> stored_;
};

}  // namespace

// Goes forward in time from round to round, each as far as a share of the page reaches in every series: what a room of
// thousands needs for a page are few readings of each.
Result<answer::ReadingsPage> ReadPath::readings(const answer::ReadingsQuery& query) const {
  if (auto may = may_read(); !may) return std::unexpected(std::move(may.error()));
  auto room = find_room(query.building, query.room, query.quantity, query.sensor);
  if (!room && query.after) return answer::ReadingsPage();  // they went between two pages
  if (!room) return std::unexpected(std::move(room.error()));
  list_series(*room);
  answer::ReadingsPage page;
  page.unit = catalogue_.unit(query.quantity);
  page.series = room->series.size();
  if (!room->any) return page;

  // One more than asked for tells whether there is a next page.
  const std::size_t limit = std::max<std::size_t>(query.limit, 1);
  const std::size_t wanted = limit + 1;
  std::size_t share = wanted / page.series + kSomeMore;
  Earliest earliest(wanted, query.after);
  Round round(windows_, history_, *room);
  Timestamp from = std::max(query.from, room->keep_from);
  if (query.after) from = std::max(from, query.after->timestamp);
  while (from < query.to) {
    const auto known = round.offer(from, query.to, share, wanted, earliest);
    if (!known) return std::unexpected(known.error());
    from = *known;
    if (earliest.settle(from).size() >= wanted) break;
    share = std::min(4 * share, wanted + kSomeMore);
  }
  page.rows = std::move(earliest.settle(kTimestampMax));
  if (page.rows.size() > limit) {
    page.rows.resize(limit);
    page.next = answer::ReadingsCursor{page.rows.back().timestamp, std::string(page.rows.back().sensor)};
  }
  return page;
}

}  // namespace temperature::pipeline
