#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

#include "base/time.h"
#include "pipeline/read_path.h"
#include "pipeline/room_reader.h"
#include "summary/steps.h"
#include "summary/summary.h"

namespace temperature::limits {

// Buckets, of all rooms together, that are worked out at once for a page of /v1/history; it goes on with the next ones.
inline constexpr std::size_t kHistoryFoldedMax = 16'384;

}  // namespace temperature::limits

// Pages of history: buckets of time, from memory and the history together.
namespace temperature::pipeline {
namespace {

using answer::Aggregate;
using answer::BucketValues;
using answer::Fill;
using summary::Steps;
using summary::Summary;

// What is folded first: so much of ten series, less of more, so that no page costs very much more than it may.
constexpr Duration kFirstStretch = std::chrono::days(32);
constexpr Duration kFirstStretchRead = std::chrono::days(1);  // where every reading is looked at
constexpr std::int64_t kFirstSeries = 10;

BucketValues values_of(const Summary& summary, double stddev) {
  return {summary.sum.mean(summary.count), summary.min, summary.max, summary.first_value, summary.last_value, stddev};
}

// One page in the making: block after block of stretches is folded, until the page is full, the range is at its
// end, or the work has grown beyond its bound.
class PageOfHistory {
 public:
  PageOfHistory(const answer::HistoryQuery& query, std::vector<RoomSeries> rooms, RoomReader& reader)
      : query_(query),
        steps_{query.from, query.to, query.step},
        rooms_(std::move(rooms)),
        reader_(reader),
        limit_(std::max<std::size_t>(query.limit, 1)),
        block_max_(std::max<std::size_t>(limits::kHistoryFoldedMax / rooms_.size(), 1)),
        deviates_(query.wants(Aggregate::stddev)),
        filled_(rooms_.size()),
        carried_(rooms_.size()) {
    if (!query.after) return;
    first_ = query.after->bucket;
    first_room_ = query.after->room;
    if (!query.after->filled.empty()) filled_ = query.after->filled;
  }

  Result<void> make(answer::HistoryPage& page) {
    const std::size_t all = steps_.count();
    std::size_t at = first_;
    std::size_t block = first_block();
    while (at < all) {
      const std::size_t stretches = std::min({block, wanted(page), all - at});
      const std::uint64_t work_before = reader_.work();
      const std::size_t buckets_before = page.buckets.size();
      if (auto folded = fold(at, stretches); !folded) return folded;
      if (auto taken = take(at, stretches, page); !taken || page.next) return taken;
      at += stretches;
      const std::size_t found = page.buckets.size() - buckets_before;
      sparse_ = found * 2 < stretches * rooms_.size();
      if (found == 0 && query_.fill == Fill::none) {
        if (auto skipped = skip_empty(at, stretches); !skipped) return skipped;
      }
      if (at < all && reader_.work() >= limits::kHistoryWorkMax) {
        page.next = cursor(at, 0);
        return {};
      }
      block = next_block(stretches, reader_.work() - work_before);
    }
    return {};
  }

 private:
  [[nodiscard]] std::size_t first_block() const {
    std::int64_t series = 1;
    for (const RoomSeries& room : rooms_) series += static_cast<std::int64_t>(room.series.size());
    const Duration stretch = (deviates_ ? kFirstStretchRead : kFirstStretch) * kFirstSeries / series;
    return std::clamp<std::size_t>(static_cast<std::size_t>(stretch / steps_.step), 1, block_max_);
  }

  // Twice as much as before, if the work allows.
  [[nodiscard]] std::size_t next_block(std::size_t before, std::uint64_t work) const {
    const std::uint64_t left = limits::kHistoryWorkMax - std::min(reader_.work(), limits::kHistoryWorkMax);
    const std::uint64_t allowed = work == 0 ? block_max_ : before * left / work;
    return std::clamp<std::uint64_t>(std::min<std::uint64_t>(2 * before, allowed), 1, block_max_);
  }

  // As many stretches as can fill the page; where many are left out nobody knows.
  [[nodiscard]] std::size_t wanted(const answer::HistoryPage& page) const {
    return sparse_ ? block_max_ : (limit_ - page.buckets.size()) / rooms_.size() + 1;
  }

  Result<void> fold(std::size_t at, std::size_t stretches) {
    summaries_.clear();
    summaries_.resize(rooms_.size() * stretches);
    deviations_.assign(deviates_ ? summaries_.size() : 0, 0);
    for (std::size_t room = 0; room < rooms_.size(); ++room) {
      const Steps steps = steps_.part(at, stretches);
      const auto summaries = std::span(summaries_).subspan(room * stretches, stretches);
      auto folded = deviates_
                        ? reader_.fold_with_deviations(rooms_[room], steps, summaries,
                                                       std::span(deviations_).subspan(room * stretches, stretches))
                        : reader_.fold(rooms_[room], steps, summaries);
      if (!folded) return folded;
    }
    return {};
  }

  // Moves the folded stretches' buckets to the page; names the next page when this one is full.
  Result<void> take(std::size_t at, std::size_t stretches, answer::HistoryPage& page) {
    for (std::size_t i = 0; i < stretches; ++i) {
      for (std::size_t room = at + i == first_ ? first_room_ : 0; room < rooms_.size(); ++room) {
        const std::size_t index = room * stretches + i;
        const std::uint64_t count = summaries_[index].count;
        if (count == 0 && query_.fill == Fill::none) continue;
        if (page.buckets.size() == limit_) {
          page.next = cursor(at + i, room);
          return {};
        }
        const Steps own = steps_.part(at + i, 1);
        answer::HistoryBucket& bucket = page.buckets.emplace_back(own.from, own.to, room, count, std::nullopt);
        if (count > 0) {
          bucket.values = values_of(summaries_[index], deviates_ ? deviations_[index] : 0);
          carried_[room] = bucket.values;
          filled_[room] = at + i + 1;
        } else if (query_.fill == Fill::previous) {
          auto carried = carry(room);
          if (!carried) return std::unexpected(std::move(carried.error()));
          bucket.values = *carried;
        }
      }
    }
    return {};
  }

  // The values of the room's last bucket that has readings: on this page, or where the page before says.
  Result<std::optional<BucketValues>> carry(std::size_t room) {
    if (carried_[room] || filled_[room] == 0) return carried_[room];
    const Steps steps = steps_.part(filled_[room] - 1, 1);
    Summary summary;
    double deviation = 0;
    auto folded =
        deviates_ ? reader_.fold_with_deviations(rooms_[room], steps, std::span(&summary, 1), std::span(&deviation, 1))
                  : reader_.fold(rooms_[room], steps, std::span(&summary, 1));
    if (!folded) return std::unexpected(std::move(folded.error()));
    if (summary.count > 0) carried_[room] = values_of(summary, deviation);
    filled_[room] = summary.count > 0 ? filled_[room] : 0;  // it may have expired meanwhile
    return carried_[room];
  }

  // Moves `at` to the stretch of the next reading, looking ahead further and further.
  Result<void> skip_empty(std::size_t& at, std::size_t stretches) {
    const std::size_t all = steps_.count();
    const auto days = static_cast<std::size_t>(kFirstStretch / steps_.step);
    for (std::size_t ahead = std::max(4 * stretches, days); at < all; ahead *= 4) {
      if (reader_.work() >= limits::kHistoryWorkMax) return {};
      const Steps part = steps_.part(at, std::min(ahead, all - at));
      Timestamp end = part.to;
      for (const RoomSeries& room : rooms_) {
        const auto earliest = reader_.earliest(room, part.from, end);
        if (!earliest) return std::unexpected(earliest.error());
        end = earliest->value_or(end);
      }
      at = end < part.to ? steps_.index(end) : at + part.count();
      if (end < part.to) return {};
    }
    return {};
  }

  [[nodiscard]] answer::HistoryCursor cursor(std::size_t bucket, std::size_t room) const {
    answer::HistoryCursor cursor{query_.from, query_.to, query_.step, bucket, room, {}};
    if (query_.fill == Fill::previous) cursor.filled = filled_;
    return cursor;
  }

  const answer::HistoryQuery& query_;
  const Steps steps_;
  const std::vector<RoomSeries> rooms_;
  RoomReader& reader_;
  const std::size_t limit_;
  const std::size_t block_max_;
  const bool deviates_;
  std::size_t first_ = 0;  // bucket
  std::size_t first_room_ = 0;
  bool sparse_ = false;
  std::vector<std::uint64_t> filled_;                 // as HistoryCursor::filled
  std::vector<std::optional<BucketValues>> carried_;  // of those buckets
  std::vector<Summary> summaries_;                    // by room, then stretch
  std::vector<double> deviations_;
};

// Whether a cursor can be one that this question's pages gave.
bool fits(const answer::HistoryCursor& cursor, const answer::HistoryQuery& query) {
  const std::size_t all = Steps{query.from, query.to, query.step}.count();
  return cursor.from == query.from && cursor.to == query.to && cursor.step == query.step && cursor.bucket <= all &&
         cursor.room < query.rooms.size() && (cursor.filled.empty() || cursor.filled.size() == query.rooms.size()) &&
         std::ranges::all_of(cursor.filled, [&](std::uint64_t behind) { return behind <= cursor.bucket + 1; });
}

}  // namespace

Result<answer::HistoryPage> ReadPath::history(const answer::HistoryQuery& query) const {
  if (auto may = may_read(); !may) return std::unexpected(std::move(may.error()));
  if (query.after && !fits(*query.after, query)) {
    return failure(ErrorCode::parameter_invalid, "cursor is not one that this service gave for this question");
  }
  answer::HistoryPage page;
  std::vector<RoomSeries> rooms;
  for (const std::string& room : query.rooms) {
    auto found = find_room(query.building, room, query.quantity, query.sensor);
    if (!found && query.after) found = RoomSeries();  // its readings went between two pages
    if (!found) return std::unexpected(std::move(found.error()));
    list_series(*found);
    if (!found->any) {
      const std::string its = lacks(query.building, room, query.quantity);
      page.lacks += (page.lacks.empty() || its.empty() ? "" : "; ") + its;
    }
    rooms.push_back(std::move(*found));
  }
  page.unit = catalogue_.unit(query.quantity);
  RoomReader reader(windows_, history_);
  if (auto made = PageOfHistory(query, std::move(rooms), reader).make(page); !made) {
    return std::unexpected(std::move(made.error()));
  }
  return page;
}

}  // namespace temperature::pipeline
