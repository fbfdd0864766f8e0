#include "window/leaf.h"

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/memory_reserve.h"
#include "base/time.h"

namespace temperature::window {
namespace {

// Few steps, because each one copies: doubled while small, then by an eighth, at least by kGrowth: a leaf of
// limits::kLeafReadingsMin is full without a byte to spare.
constexpr std::uint32_t kGrowth = 32;
static_assert(limits::kLeafReadingsMin % kGrowth == 0);

// A leaf with fewer entries out of order than this is not put in order.
constexpr std::size_t kUnorderedMax = 16;

bool earlier(const Entry& a, const Entry& b) {
  return std::pair(std::uint32_t{a.offset_ms}, a.slot) < std::pair(std::uint32_t{b.offset_ms}, b.slot);
}

bool same_place(const Entry& a, const Entry& b) {
  return a.offset_ms == b.offset_ms && a.slot == b.slot;
}

// What entries of a leaf come to.
struct Part {
  std::uint64_t count = 0;
  summary::int128 small_sum = 0;
  summary::int128 fixed_sum = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  std::uint32_t first_ms = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t last_ms = 0;

  // A value that does not fit goes to `rest` at once.
  void add(double value, summary::Tally& rest) {
    std::int64_t small = 0;
    summary::int128 fixed = 0;
    if (summary::to_small(value, small)) [[likely]] {
      small_sum += small;
    } else if (summary::to_fixed(value, fixed)) {
      fixed_sum += fixed;
    } else {
      rest.sum.add(value);
    }
    ++count;
    min = std::min(min, value);
    max = std::max(max, value);
  }
  [[nodiscard]] summary::int128 sum() const {
    return fixed_sum + (small_sum << (summary::kSmallExponent - summary::kFixedExponent));
  }
  void reach(std::uint32_t first, std::uint32_t last) {
    first_ms = std::min(first_ms, first);
    last_ms = std::max(last_ms, last);
  }
};

std::uint32_t grown(std::uint32_t count) {
  if (count < kGrowth) return std::max<std::uint32_t>(4, 2 * count);
  return count + std::max(kGrowth, count / 8);
}

}  // namespace

Entry* Leaf::locate(Slot slot, Timestamp timestamp) const {
  if (!reaches(timestamp) || count_ == 0) return nullptr;
  const auto offset = static_cast<std::uint32_t>((timestamp - base_).count());
  if (offset < first_ms_ || offset > last_ms_) return nullptr;
  order();
  const Entry wanted{0, offset, slot.value()};
  Entry* const all = entries_.get();
  Entry* const unordered = all + ordered_;
  Entry* const at = std::lower_bound(all, unordered, wanted, earlier);
  if (at != unordered && same_place(*at, wanted)) return at;
  Entry* const late =
      std::find_if(unordered, all + count_, [&](const Entry& each) { return same_place(each, wanted); });
  return late == all + count_ ? nullptr : late;
}

std::optional<double> Leaf::find(Slot slot, Timestamp timestamp) const {
  const Entry* const found = locate(slot, timestamp);
  return found == nullptr ? std::nullopt : std::optional(double{found->value});
}

bool Leaf::replace(Slot slot, Sample sample) {
  Entry* const found = locate(slot, sample.timestamp);
  if (found == nullptr) return false;
  found->value = sample.value;
  return true;
}

void Leaf::sum_up() {
  sum_ = 0;
  unfit_ = 0;
  min_ = std::numeric_limits<double>::infinity();
  max_ = -std::numeric_limits<double>::infinity();
  for (const Entry& entry : *this) add_value(entry.value);
}

void Leaf::add(Slot slot, Sample sample) {
  CHECK(reaches(sample.timestamp));
  append({sample.value, static_cast<std::uint32_t>((sample.timestamp - base_).count()), slot.value()});
}

void Leaf::add_value(double value) {
  summary::int128 fixed = 0;
  summary::int128 sum = 0;
  // A leaf holds at most 2^14 values below 2^32: 2^-72 units leave room for 2^23 of them.
  if (summary::to_fixed(value, fixed) && !__builtin_add_overflow(sum_, fixed, &sum)) {
    sum_ = sum;
  } else {
    ++unfit_;
  }
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Leaf::append(const Entry& entry) {
  if (count_ == capacity_) resize(grown(count_));
  entries_[count_++] = entry;
  add_value(entry.value);
  if (ordered_ == count_ - 1 && (ordered_ == 0 || !earlier(entry, entries_[ordered_ - 1]))) ++ordered_;
  first_ms_ = std::min(first_ms_, std::uint32_t{entry.offset_ms});
  last_ms_ = std::max(last_ms_, std::uint32_t{entry.offset_ms});
}

void Leaf::resize(std::uint32_t capacity) {
  if (capacity == capacity_) return;
  const std::size_t bytes = std::max<std::size_t>(capacity, 1) * sizeof(Entry);
  auto* grown = static_cast<Entry*>(std::realloc(entries_.get(), bytes));
  if (grown == nullptr && MemoryReserve::give()) grown = static_cast<Entry*>(std::realloc(entries_.get(), bytes));
  if (grown == nullptr) throw std::bad_alloc();
  static_cast<void>(entries_.release());  // realloc took it over
  entries_.reset(grown);
  capacity_ = capacity;
}

// Orders the entries, so that a search may halve them, once so many lie out of order that to look at each of these
// would take longer. What a flush has reached stays before what it has not.
void Leaf::order() const {
  const std::size_t unordered = count_ - ordered_;
  if (unordered < kUnorderedMax || unordered * unordered < count_) return;
  const bool of_one_kind = flushed_ == count_ || taken_ == 0 || (flushed_ == 0 && taken_ == count_);
  if (!of_one_kind) return;
  Entry* const begin = entries_.get();
  std::sort(begin + ordered_, begin + count_, earlier);
  std::inplace_merge(begin, begin + ordered_, begin + count_, earlier);
  ordered_ = count_;
}

void Leaf::summarize(Timestamp after, Timestamp upto, summary::Tally& summary) const {
  if (count_ == 0 || first() > upto || last() <= after) return;
  if (first() <= after || last() > upto) return summarize_part(after, upto, summary);
  add_to(summary);
}

void Leaf::add_to(summary::Tally& summary) const {
  if (count_ == 0) return;
  summary.count += count_;
  summary.sum.add_fixed(sum_);
  summary.min = std::min(summary.min, min_);
  summary.max = std::max(summary.max, max_);
  summary.first = std::min(summary.first, first());
  summary.last = std::max(summary.last, last());
  if (unfit_ == 0) return;
  summary::int128 fixed = 0;
  for (const Entry& entry : *this) {
    if (!summary::to_fixed(entry.value, fixed)) summary.sum.add(entry.value);
  }
}

void Leaf::summarize_part(Timestamp after, Timestamp upto, summary::Tally& summary) const {
  const std::uint32_t low = after < base_ ? 0 : static_cast<std::uint32_t>((after - base_).count() + 1);
  const std::uint32_t high = upto >= last() ? last_ms_ : static_cast<std::uint32_t>((upto - base_).count());
  order();
  const Entry* const unordered = begin() + ordered_;
  const Entry* const from =
      std::partition_point(begin(), unordered, [low](const Entry& e) { return e.offset_ms < low; });
  const Entry* const to = std::partition_point(from, unordered, [high](const Entry& e) { return e.offset_ms <= high; });
  Part part;
  for (const Entry& entry : std::span(from, to)) part.add(entry.value, summary);
  if (from != to) part.reach(from->offset_ms, (to - 1)->offset_ms);
  for (const Entry& entry : std::span(unordered, end())) {
    if (entry.offset_ms < low || entry.offset_ms > high) continue;
    part.add(entry.value, summary);
    part.reach(entry.offset_ms, entry.offset_ms);
  }
  if (part.count == 0) return;
  summary.count += part.count;
  summary.sum.add_fixed(part.sum());
  summary.min = std::min(summary.min, part.min);
  summary.max = std::max(summary.max, part.max);
  summary.first = std::min(summary.first, base_ + Duration(part.first_ms));
  summary.last = std::max(summary.last, base_ + Duration(part.last_ms));
}

void Leaf::fold(const summary::Steps& steps, Timestamp from, std::optional<Slot> slot,
                std::span<summary::Summary> summaries) const {
  summary::Steps current = steps.part(0, 0);  // the stretch of the reading before: most share theirs
  std::size_t index = 0;
  for (const Entry& entry : *this) {
    const Timestamp moment = timestamp(entry);
    if (moment < from || !steps.covers(moment) || (slot && entry.slot != slot->value())) continue;
    if (!current.covers(moment)) {
      index = steps.index(moment);
      current = steps.part(index, 1);
    }
    summaries[index].add(Sample{moment, entry.value});
  }
}

// Keeps the entries that `keep` says, in their order; the others go to `others` when there is one.
template <class Keep>
void Leaf::rebuild(Keep keep, Leaf* others) {
  const std::unique_ptr<Entry[], Free> entries = std::move(entries_);
  const std::uint32_t count = count_;
  const std::uint32_t flushed = flushed_;
  const std::uint32_t taken = taken_;
  Leaf kept(from_, base_);
  for (std::uint32_t i = 0; i < count; ++i) {
    Leaf* target = keep(entries[i], i) ? &kept : others;
    if (target == nullptr) continue;
    const Timestamp moment = base_ + entries[i].offset();
    target->add(Slot(entries[i].slot), {moment, entries[i].value});
    target->flushed_ += i < flushed ? 1 : 0;
    target->taken_ += i < taken ? 1 : 0;
  }
  *this = std::move(kept);
}

Leaf Leaf::split() {
  CHECK(first_ms_ < last_ms_);
  std::vector<std::uint32_t> offsets;
  offsets.reserve(count_);
  for (const Entry& entry : *this) offsets.push_back(std::uint32_t{entry.offset_ms});
  const auto middle = offsets.begin() + static_cast<std::ptrdiff_t>(offsets.size() / 2);
  std::nth_element(offsets.begin(), middle, offsets.end());
  const std::uint32_t boundary = *middle == first_ms_ ? first_ms_ + 1 : *middle;  // neither half is empty
  const Timestamp from = base_ + Duration(boundary);
  Leaf later(from, from);
  rebuild([boundary](const Entry& entry, std::uint32_t) { return entry.offset_ms < boundary; }, &later);
  return later;
}

void Leaf::drop_flushed_before(Timestamp keep_from) {
  const std::uint32_t flushed = flushed_;
  const Timestamp base = base_;
  rebuild([&](const Entry& entry, std::uint32_t i) { return i >= flushed || base + entry.offset() >= keep_from; },
          nullptr);
}

void Leaf::erase(Timestamp from, Timestamp to, std::optional<Slot> slot, std::vector<SlotTime>& unflushed) {
  const Timestamp base = base_;
  const auto goes = [&](const Entry& entry) {
    const Timestamp moment = base + entry.offset();
    return moment >= from && moment < to && (!slot || entry.slot == slot->value());
  };
  if (std::find_if(begin(), end(), goes) == end()) return;
  for (std::uint32_t i = flushed_; i < count_; ++i) {
    const Entry entry = entries_[i];
    if (goes(entry)) unflushed.push_back({Slot(entry.slot), timestamp(entry)});
  }
  rebuild([&](const Entry& entry, std::uint32_t) { return !goes(entry); }, nullptr);
}

}  // namespace temperature::window
