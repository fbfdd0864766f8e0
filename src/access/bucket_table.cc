#include "access/bucket_table.h"

#include <algorithm>
#include <bit>

#include "base/keyed_hash.h"

namespace temperature::limits {

// Hours for which one large batch may overdraw its sender's rate limit; more is forgiven.
inline constexpr std::chrono::hours kDebtMax{24};

}  // namespace temperature::limits

namespace temperature::access {
namespace {

constexpr std::size_t kSetsFirst = 4;
constexpr double kNanosecondsMax = 9e18;  // what an int64 can hold

// The time in which the rate gives so many readings.
std::int64_t time_of(double readings, const Rate& rate) {
  return static_cast<std::int64_t>(std::min(readings / rate.per_second * 1e9, kNanosecondsMax / 4));
}

}  // namespace

BucketTable::BucketTable(std::size_t buckets_max)
    : sets_max_(std::max<std::size_t>(std::bit_floor(buckets_max / kWays / kShards), 1)),
      shards_(std::make_unique<std::array<Shard, kShards>>()) {
  for (Shard& shard : *shards_) shard.sets.resize(std::min(kSetsFirst, sets_max_));
}

BucketTable::~BucketTable() = default;

std::uint64_t BucketTable::hash(LimitKind kind, std::string_view owner) {
  const char its_kind = static_cast<char>(kind);
  return std::max<std::uint64_t>(keyed_hash_of(std::string_view(&its_kind, 1), owner), 1);
}

BucketTable::Slot* BucketTable::find(Shard& shard, std::uint64_t owner) {
  for (Set* set : sets_of(shard, owner)) {
    const auto found = std::ranges::find(set->slots, owner, &Slot::owner);
    if (found != set->slots.end()) return &*found;
  }
  return nullptr;
}

BucketTable::Slot& BucketTable::Set::full_soonest() {
  return *std::ranges::min_element(slots, {},
                                   [](const Slot& slot) { return slot.owner == 0 ? INT64_MIN : slot.full_at_ns; });
}

// A slot that nobody needs, of the set that has more of them; if there is none, the one that is full soonest.
BucketTable::Slot& BucketTable::best_slot(Shard& shard, std::uint64_t owner, std::int64_t now_ns) {
  const auto needed = [now_ns](const Slot& slot) { return slot.owner != 0 && slot.full_at_ns > now_ns; };
  const auto [first, second] = sets_of(shard, owner);
  const auto in_first = std::ranges::count_if(first->slots, needed);
  const auto in_second = std::ranges::count_if(second->slots, needed);
  if (in_first != in_second) return (in_first < in_second ? first : second)->full_soonest();
  Slot& one = first->full_soonest();
  Slot& other = second->full_soonest();
  return other.owner != 0 && (one.owner == 0 || one.full_at_ns <= other.full_at_ns) ? one : other;
}

// A slot for an owner that has none.
BucketTable::Slot& BucketTable::make(Shard& shard, std::uint64_t owner, std::int64_t now_ns) const {
  while (true) {
    Slot& best = best_slot(shard, owner, now_ns);
    const bool needed = best.owner != 0 && best.full_at_ns > now_ns;
    if (needed && shard.sets.size() < sets_max_) {
      grow(shard, now_ns);
      continue;
    }
    best = {owner, now_ns};
    return best;
  }
}

// Puts the buckets that somebody needs into a table that is empty. False: one of them took another's place.
bool BucketTable::move(const Shard& from, Shard& to, std::int64_t now_ns) {
  bool all = true;
  for (const Set& set : from.sets) {
    for (const Slot& slot : set.slots) {
      if (slot.owner == 0 || slot.full_at_ns <= now_ns) continue;
      Slot& best = best_slot(to, slot.owner, now_ns);
      all = all && best.owner == 0;
      best = slot;
    }
  }
  return all;
}

// Twice as many sets; more where these, by a rare chance, do not hold what there is.
void BucketTable::grow(Shard& shard, std::int64_t now_ns) const {
  for (std::size_t sets = shard.sets.size() * 2;; sets *= 2) {
    Shard larger;
    larger.sets.resize(sets);
    if (!move(shard, larger, now_ns) && sets * 2 <= sets_max_) continue;
    shard.sets = std::move(larger.sets);
    return;
  }
}

Buckets::Taken BucketTable::take(LimitKind kind, std::string_view owner, const Rate& rate, double cost,
                                 std::chrono::nanoseconds now) {
  const std::uint64_t hashed = hash(kind, owner);
  const std::int64_t now_ns = now.count();
  const std::int64_t capacity_ns = time_of(rate.burst, rate);
  const double asked = cost == 0 ? 1 : cost;
  const std::int64_t needed_ns = time_of(std::min(asked, rate.burst), rate);  // must be there
  Shard& shard = shard_of(hashed);
  const std::scoped_lock lock(shard.mutex);
  Slot* known = find(shard, hashed);
  const std::int64_t full_at_ns = known == nullptr ? now_ns : std::max(known->full_at_ns, now_ns);
  Taken result;
  const std::int64_t there_ns = capacity_ns - (full_at_ns - now_ns);
  result.remaining = static_cast<double>(there_ns) * 1e-9 * rate.per_second;
  result.taken = needed_ns <= there_ns;
  result.available_in = std::chrono::nanoseconds(result.taken ? 0 : needed_ns - there_ns);
  if (!result.taken || cost == 0) return result;
  constexpr std::int64_t kDebtMaxNs = std::chrono::nanoseconds(limits::kDebtMax).count();
  const std::int64_t taken_ns = std::min(time_of(cost, rate), capacity_ns + kDebtMaxNs);
  if (known == nullptr) known = &make(shard, hashed, now_ns);
  known->full_at_ns = full_at_ns + taken_ns;
  return result;
}

void BucketTable::give_back(LimitKind kind, std::string_view owner, const Rate& rate, double cost) {
  const std::uint64_t hashed = hash(kind, owner);
  Shard& shard = shard_of(hashed);
  const std::scoped_lock lock(shard.mutex);
  if (Slot* known = find(shard, hashed)) known->full_at_ns -= time_of(cost, rate);
}

std::size_t BucketTable::bytes() const {
  std::size_t sum = 0;
  for (const Shard& shard : *shards_) {
    const std::scoped_lock lock(shard.mutex);
    sum += shard.sets.size() * sizeof(Set);
  }
  return sum;
}

}  // namespace temperature::access
