#include <algorithm>
#include <vector>

#include "catalogue/catalogue.h"
#include "history/history.h"
#include "pipeline/read_path.h"
#include "window/windows.h"

// Pages of raw readings, from memory and the history together.
namespace temperature::pipeline {
namespace {

constexpr Duration kTick{1};

// The earliest readings of those that are offered, in order of (timestamp, sensor), each once.
class Earliest {
 public:
  explicit Earliest(std::size_t most) : most_(most) {}

  void offer(std::string_view sensor, const Sample& sample) {
    if (sample.timestamp >= end_) return;
    rows_.push_back({sensor, sample.timestamp, sample.value});
    if (rows_.size() >= 2 * most_ + kSlack) trim();
  }

  // From this moment on nothing gets in any more.
  [[nodiscard]] Timestamp end() const { return end_; }

  std::vector<answer::ReadingRow>& trim() {
    std::ranges::sort(rows_, {}, identity);
    const auto repeated = std::ranges::unique(rows_, {}, identity);
    rows_.erase(repeated.begin(), repeated.end());
    if (rows_.size() >= most_) {
      rows_.resize(most_);
      end_ = rows_.back().timestamp + kTick;
    }
    return rows_;
  }

 private:
  static constexpr std::size_t kSlack = 1024;  // small pages need not be sorted again and again
  static std::pair<Timestamp, std::string_view> identity(const answer::ReadingRow& row) {
    return {row.timestamp, row.sensor};
  }

  std::size_t most_;
  std::vector<answer::ReadingRow> rows_;
  Timestamp end_ = kTimestampMax;
};

// Leaves out what the page before had, and remembers where the next one goes on.
void fill_page(const std::vector<answer::ReadingRow>& rows, const answer::ReadingsQuery& query, std::size_t limit,
               answer::ReadingsPage& page) {
  for (const answer::ReadingRow& row : rows) {
    const auto& after = query.after;
    if (after && row.timestamp == after->timestamp && row.sensor <= after->sensor) continue;
    if (page.rows.size() == limit) {
      page.next = answer::ReadingsCursor{page.rows.back().timestamp, std::string(page.rows.back().sensor)};
      return;
    }
    page.rows.push_back(row);
  }
}

}  // namespace

Result<answer::ReadingsPage> ReadPath::readings(const answer::ReadingsQuery& query) const {
  if (auto may = may_read(); !may) return std::unexpected(std::move(may.error()));
  const auto window = find_window(query.building, query.room, query.quantity);
  if (!window) return std::unexpected(window.error());
  answer::ReadingsPage page;
  page.unit = catalogue_.quantity(query.quantity).unit;
  const auto all = series_of(*window, query.sensor);
  if (all.empty()) return page;

  // One more than asked for tells whether there is a next page; as many again may have been in the page
  // before, for a page may end between the sensors of one moment.
  const std::size_t limit = std::max<std::size_t>(query.limit, 1);
  const std::size_t fetched = limit + 1 + all.size();
  Timestamp from = std::max(query.from, keep_from(*window));
  if (query.after) from = std::max(from, query.after->timestamp);
  Earliest earliest(fetched);

  std::vector<std::string_view> names(all.back().place.slot.value() + std::size_t{1});
  for (const auto& series : all) names[series.place.slot.value()] = series.sensor;
  const std::optional<Slot> slot = query.sensor ? std::optional(all.front().place.slot) : std::nullopt;
  std::vector<window::SlotSample> kept;
  const Timestamp floor = windows_.collect(*window, from, query.to, slot, kept);
  for (const auto& [its_slot, sample] : kept) {
    if (its_slot.value() < names.size()) earliest.offer(names[its_slot.value()], sample);
  }
  earliest.trim();

  const auto view = history_.view();  // after memory: what has left it in between is here
  std::vector<Sample> stored;
  for (const auto& series : all) {
    const Timestamp to = std::min({query.to, floor, earliest.end()});
    if (from >= to) break;
    stored.clear();
    auto read = view->read(series.id, from, to, fetched, stored);
    if (!read) return std::unexpected(std::move(read.error()));
    for (const Sample& sample : stored) earliest.offer(series.sensor, sample);
  }
  fill_page(earliest.trim(), query, limit, page);
  return page;
}

}  // namespace temperature::pipeline
