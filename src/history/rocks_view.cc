#include "history/rocks_view.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <algorithm>

namespace temperature::history {
namespace {

constexpr int kPiecesExpected = 32;
// What a look into the store takes, in samples that could be decoded meanwhile: where nothing is, and where there is
// something.
constexpr std::uint64_t kLookWork = 200;
constexpr std::uint64_t kFoundWork = 1'000;

}  // namespace

RocksView::RocksView(const RocksStore& store) : store_(store), snapshot_(store.db().GetSnapshot()) {}

RocksView::~RocksView() {
  store_.db().ReleaseSnapshot(snapshot_);
}

void RocksView::clear() {
  volume_.clear();
  pinned_.clear();
  found_in_.reset();
}

Error RocksView::named(Error error, SeriesId series, Timestamp around) const {
  error.detail = fmt::format("{}: series {}, around {} (path={})", error.detail, series.value(),
                             format_timestamp(around), store_.path().string());
  return error;
}

Result<void> RocksView::load(Span span, VolumeKey key) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  const auto bytes = key.encode();
  rocksdb::GetMergeOperandsOptions expected;
  expected.expected_max_number_of_operands = kPiecesExpected;
  int pieces = 0;
  rocksdb::Status status;
  std::unique_ptr<rocksdb::PinnableSlice[]> slices;
  do {
    slices =
        std::make_unique<rocksdb::PinnableSlice[]>(static_cast<std::size_t>(expected.expected_max_number_of_operands));
    status = store_.db().GetMergeOperands(options, store_.volumes(span), {bytes.data(), bytes.size()}, slices.get(),
                                          &expected, &pieces);
    if (status.IsIncomplete()) expected.expected_max_number_of_operands = pieces;
  } while (status.IsIncomplete());
  looks_ += status.ok() ? kFoundWork : kLookWork;
  if (status.IsNotFound()) return {};
  if (!status.ok()) {
    return std::unexpected(
        named(store_.error(status, "read the history").error(), key.series, begin_of(span, key.number)));
  }
  volume_.begin_key();
  for (int i = 0; i < pieces; ++i) {
    std::string_view piece = view_of(slices[static_cast<std::size_t>(i)]);
    if (auto added = volume_.add(piece); !added) {
      return std::unexpected(named(std::move(added.error()), key.series, begin_of(span, key.number)));
    }
  }
  pinned_.push_back(std::move(slices));
  return {};
}

Result<bool> RocksView::stores(Span span, VolumeKey key) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  const auto bytes = key.encode();
  rocksdb::GetMergeOperandsOptions expected;
  expected.expected_max_number_of_operands = 1;
  int pieces = 0;
  rocksdb::PinnableSlice slice;
  const rocksdb::Status status = store_.db().GetMergeOperands(options, store_.volumes(span),
                                                              {bytes.data(), bytes.size()}, &slice, &expected, &pieces);
  if (status.ok() || status.IsIncomplete()) return true;
  if (status.IsNotFound()) return false;
  return store_.error(status, "read the history");
}

// A month's volume may reach over all of its days, so that they are visited together with it; most
// series have either the one or the others.
template <class Visit>
Result<bool> RocksView::visit_month(SeriesId series, std::int32_t month, Timestamp from, Timestamp to, bool backwards,
                                    Visit visit) {
  clear();
  if (auto loaded = load(Span::month, {month, series}); !loaded) return std::unexpected(std::move(loaded.error()));
  const bool together = !volume_.empty();
  const std::int32_t first = number_of(Span::day, std::max(from, begin_of(Span::month, month)));
  const std::int32_t last = number_of(Span::day, std::min(to, end_of(Span::month, month)) - kTick);
  for (std::int64_t i = 0; i <= std::int64_t{last} - first; ++i) {
    const auto day = static_cast<std::int32_t>(backwards ? last - i : first + i);
    if (!together) clear();
    if (auto loaded = load(Span::day, {day, series}); !loaded) return std::unexpected(std::move(loaded.error()));
    if (together || volume_.empty()) continue;
    const Result<bool> more = visit(volume_);
    if (!more || !*more) return more;
  }
  return together ? visit(volume_) : Result<bool>(true);
}

template <class Visit>
Result<void> RocksView::for_each_volume(SeriesId series, Timestamp from, Timestamp to, bool backwards, Visit visit) {
  const Reaches::Reach reach = store_.reaches.of(series);
  from = std::max(from, reach.oldest);
  to = std::min(to, tick_after(reach.newest));
  if (from >= to) return {};
  const std::int64_t first = number_of(Span::month, from);
  const std::int64_t last = number_of(Span::month, to - kTick);
  for (std::int64_t i = 0; i <= last - first; ++i) {
    const auto month = static_cast<std::int32_t>(backwards ? last - i : first + i);
    const Result<bool> more = visit_month(series, month, from, to, backwards, visit);
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
  }
  clear();
  return {};
}

Result<void> RocksView::read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit,
                             std::vector<Sample>& out) {
  if (limit == 0) return {};
  const std::size_t start = out.size();
  auto visited = for_each_volume(series, from, to, /*backwards=*/false, [&](Volume& volume) -> Result<bool> {
    if (auto read = volume.read(from, to, out); !read) {
      return std::unexpected(named(std::move(read.error()), series, from));
    }
    return out.size() - start < limit;
  });
  if (out.size() - start > limit) out.resize(start + limit);
  return visited;
}

Result<void> RocksView::fold(SeriesId series, const Steps& steps, std::span<summary::Summary> summaries) {
  return for_each_volume(series, steps.from, steps.to, /*backwards=*/false, [&](Volume& volume) -> Result<bool> {
    if (auto folded = volume.fold(steps, summaries); !folded) {
      return std::unexpected(named(std::move(folded.error()), series, steps.from));
    }
    return true;
  });
}

Result<Found> RocksView::find(SeriesId series, Timestamp timestamp) {
  const Reaches::Reach reach = store_.reaches.of(series);
  if (timestamp < reach.oldest) return Found{std::nullopt, kTimestampMin, reach.oldest};
  if (timestamp > reach.newest) return Found{std::nullopt, tick_after(reach.newest), kTimestampMax};
  const std::int32_t day = number_of(Span::day, timestamp);
  if (found_in_ != Place{series, day}) {
    clear();
    for (const Span span : kSpans) {
      if (auto loaded = load(span, {number_of(span, timestamp), series}); !loaded) {
        return std::unexpected(std::move(loaded.error()));
      }
    }
    found_in_ = {series, day};
  }
  auto found = volume_.find(timestamp, begin_of(Span::day, day), end_of(Span::day, day));
  if (!found) return std::unexpected(named(std::move(found.error()), series, timestamp));
  return found;
}

Result<std::optional<Sample>> RocksView::last_at(SeriesId series, Timestamp at) {
  std::optional<Sample> last;
  auto visited =
      for_each_volume(series, kTimestampMin, tick_after(at), /*backwards=*/true, [&](Volume& volume) -> Result<bool> {
        auto found = volume.last_at(at);
        if (!found) return std::unexpected(named(std::move(found.error()), series, at));
        last = *found;
        return !last.has_value();
      });
  if (!visited) return std::unexpected(std::move(visited.error()));
  return last;
}

}  // namespace temperature::history
