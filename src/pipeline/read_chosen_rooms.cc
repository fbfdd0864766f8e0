#include <algorithm>
#include <charconv>
#include <compare>
#include <set>

#include "answer/answer.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "model/name.h"
#include "pipeline/listing.h"
#include "pipeline/read_path.h"
#include "window/windows.h"

// The list of rooms by other rules than their names: all are looked at, and the first few are kept.
namespace temperature::pipeline {
namespace {

// Rooms that were heard of within it have an order that stays from one look to the next.
constexpr Duration kRoomFresh = std::chrono::minutes(1);

// Where a room stands in the list.
struct Rank {
  Timestamp newest;  // kTimestampMax where the order does not ask
  std::string building;
  std::string room;
  auto operator<=>(const Rank&) const = default;
};

struct RankedRoom {
  Rank rank;
  std::vector<WindowId> windows;

  static bool before(const RankedRoom& one, const RankedRoom& other) { return one.rank < other.rank; }
};

// The first rooms by rank, of all that come after `after`.
class FirstRooms {
 public:
  FirstRooms(std::optional<Rank> after, std::size_t limit) : after_(std::move(after)), limit_(limit) {}

  void add(RankedRoom room) {
    if (after_ && room.rank <= *after_) return;
    if (rooms_.size() == limit_ && rooms_.front().rank < room.rank) return;
    rooms_.push_back(std::move(room));
    std::ranges::push_heap(rooms_, RankedRoom::before);
    if (rooms_.size() <= limit_) return;
    std::ranges::pop_heap(rooms_, RankedRoom::before);
    rooms_.pop_back();
  }

  // In their order. They are taken away.
  std::vector<RankedRoom> take() {
    std::ranges::sort_heap(rooms_, RankedRoom::before);
    return std::move(rooms_);
  }

 private:
  std::optional<Rank> after_;
  std::size_t limit_;
  std::vector<RankedRoom> rooms_;  // a heap, the last one in front
};

std::string cursor_of(const Rank& rank, answer::RoomOrder order) {
  if (order == answer::RoomOrder::name) return encode_cursor({rank.building, rank.room});
  return encode_cursor({std::to_string(to_ms(rank.newest)), rank.building, rank.room});
}

Result<std::optional<Rank>> rank_of(std::string_view cursor, answer::RoomOrder order) {
  if (cursor.empty()) return std::nullopt;
  const bool by_name = order == answer::RoomOrder::name;
  auto names = decode_cursor(cursor, by_name ? 2 : 3);
  if (!names) return std::unexpected(std::move(names.error()));
  if (by_name) return Rank{kTimestampMax, std::move((*names)[0]), std::move((*names)[1])};
  const std::string& text = names->front();
  std::int64_t ms = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc() || stop != text.data() + text.size()) {
    return failure(ErrorCode::parameter_invalid, "cursor is not one that this service gave");
  }
  return Rank{timestamp_from_ms(ms), std::move((*names)[1]), std::move((*names)[2])};
}

// Whether a room is one of those that are asked for by a part of its name.
class Search {
 public:
  explicit Search(std::string_view text) : text_(case_folded(text)) {}
  [[nodiscard]] bool finds(const catalogue::Catalogue::Room& room) const {
    return text_.empty() || case_folded(room.room).contains(text_) || case_folded(room.building).contains(text_);
  }

 private:
  std::string text_;
};

// Whether a quantity is the one that is asked for: as it was sent or, by the current rules, as it is meant.
class WantedQuantity {
 public:
  WantedQuantity(const std::optional<std::string>& sent, ReadingRules rules) : sent_(sent) {
    if (!sent || rules == ReadingRules::former) return;
    std::string made;
    if (const auto normal = normalise_name("quantity", *sent, made)) meant_ = std::string(*normal);
  }
  [[nodiscard]] bool is(std::string_view quantity) const {
    return !sent_ || quantity == *sent_ || (!meant_.empty() && quantity == meant_);
  }

 private:
  const std::optional<std::string>& sent_;
  std::string meant_;
};

// The first names of many.
void add_name(std::set<std::string_view>& names, std::string_view name) {
  names.insert(name);
  if (names.size() > limits::kQuantitiesNamedMax) names.erase(std::prev(names.end()));
}

}  // namespace

Timestamp ReadPath::newest_of(std::span<const WindowId> windows) const {
  Timestamp newest = kTimestampMin;
  for (const WindowId window : windows) {
    const auto found = windows_.newest(window).reading;  // one that is not known lies before it
    const std::string quantity(catalogue_.window(window).quantity);
    if (found && found->sample.timestamp >= retention_.keep_from(quantity, clock_.now())) {
      newest = std::max(newest, found->sample.timestamp);
    }
  }
  return newest;
}

Result<answer::RoomsPage> ReadPath::chosen_rooms(const answer::RoomsQuery& query) const {
  auto after = rank_of(query.cursor, query.order);
  if (!after) return std::unexpected(std::move(after.error()));
  const std::size_t limit = std::max<std::size_t>(query.limit, 1);
  const Search search(query.search);
  const WantedQuantity wanted(query.quantity, reading_rules());

  answer::RoomsPage page;
  answer::RoomsFound& found = page.found.emplace();
  std::set<std::string_view> quantities;
  FirstRooms first(std::move(*after), limit + 1);
  std::pair<std::string, std::string> looked_at;
  for (bool more = true; more;) {
    auto rooms = next_rooms(catalogue_, query.building, query.visible, looked_at, limits::kPageRoomsMax);
    more = rooms.size() == limits::kPageRoomsMax;
    if (more) looked_at = {rooms.back().building, rooms.back().room};
    for (auto& room : rooms) {
      std::erase_if(room.windows, [this](WindowId window) { return !has_readings(window); });
      for (const WindowId window : room.windows) add_name(quantities, catalogue_.window(window).quantity);
      std::erase_if(room.windows, [&](WindowId window) { return !wanted.is(catalogue_.window(window).quantity); });
      if (room.windows.empty() || !search.finds(room)) continue;
      ++found.matching;
      Timestamp newest = kTimestampMax;
      if (query.order == answer::RoomOrder::stalest) {
        newest = newest_of(room.windows);
        if (newest > query.at - kRoomFresh) newest = kTimestampMax;
      }
      first.add({{newest, std::move(room.building), std::move(room.room)}, std::move(room.windows)});
    }
  }
  found.quantities.assign(quantities.begin(), quantities.end());

  auto chosen = first.take();
  if (chosen.size() > limit) {
    chosen.pop_back();
    page.next = cursor_of(chosen.back().rank, query.order);
  }
  for (RankedRoom& room : chosen) {
    answer::RoomState state{std::move(room.rank.building), std::move(room.rank.room), {}};
    for (const WindowId window : room.windows) {
      auto quantity = state_of(window, std::nullopt, query.at);
      if (!quantity) return std::unexpected(std::move(quantity.error()));
      state.quantities.push_back(std::move(*quantity));
    }
    page.rooms.push_back(std::move(state));
  }
  return page;
}

}  // namespace temperature::pipeline
