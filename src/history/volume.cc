#include "history/volume.h"

#include <algorithm>
#include <ranges>

#include "base/time.h"
#include "history/chunk_limits.h"

namespace temperature::history {
namespace {

// The samples with from <= timestamp < to, of samples in order of time.
std::span<const Sample> between(std::span<const Sample> samples, Timestamp from, Timestamp to) {
  const auto begin = std::ranges::lower_bound(samples, from, {}, &Sample::timestamp);
  const auto end = std::ranges::lower_bound(begin, samples.end(), to, {}, &Sample::timestamp);
  return {begin, end};
}

}  // namespace

void append_piece(std::string& out, std::span<const Sample> samples) {
  while (!samples.empty()) {
    const std::size_t count = std::min(samples.size(), limits::kChunkReadingsMax);
    append_chunk(out, samples.first(count));
    samples = samples.subspan(count);
  }
}

Result<void> Volume::add(std::string_view& piece) {
  groups_.clear();
  decoded_group_.reset();
  std::uint32_t age = pieces_++;
  while (!piece.empty()) {
    if (begins_with_tombstone(piece)) [[unlikely]] {
      auto tombstone = take_tombstone(piece);
      if (!tombstone) return std::unexpected(std::move(tombstone.error()));
      age = pieces_++;  // what stands before it is older
      add_cut(*tombstone, age);
      continue;
    }
    auto view = ChunkView::take(piece);
    if (!view) return std::unexpected(std::move(view.error()));
    chunks_.push_back({*view, age});
  }
  return {};
}

void Volume::add_cut(const Tombstone& tombstone, std::uint32_t age) {
  cuts_.push_back({tombstone, key_first_, age});
  std::erase_if(chunks_, [&](Chunk& chunk) {
    if (chunk.age < key_first_ || chunk.view.last() < tombstone.from || chunk.view.first() >= tombstone.to)
      return false;
    chunk.cut = true;
    return tombstone.covers(chunk.view.first()) && tombstone.covers(chunk.view.last());
  });
}

void Volume::drop_cut(const Chunk& chunk, std::size_t begin) {
  const auto mine = std::ranges::subrange(samples_.begin() + static_cast<std::ptrdiff_t>(begin), samples_.end());
  std::vector<Tombstone> cuts;
  for (const Cut& cut : cuts_) {
    if (chunk.age >= cut.since && chunk.age < cut.before) cuts.push_back(cut.tombstone);
  }
  // There may be very many, each of one moment: both are gone through once.
  std::ranges::sort(cuts, {}, &Tombstone::from);
  auto next = cuts.begin();
  Timestamp covered = kTimestampMin;  // before it, from some cut on that was passed
  const auto gone = std::ranges::remove_if(mine, [&](const Sample& sample) {
    for (; next != cuts.end() && next->from <= sample.timestamp; ++next) covered = std::max(covered, next->to);
    return sample.timestamp < covered;
  });
  samples_.erase(gone.begin(), gone.end());
}

void Volume::clear() {
  chunks_.clear();
  cuts_.clear();
  key_first_ = 0;
  groups_.clear();
  decoded_group_.reset();
  pieces_ = 0;
}

std::span<const Volume::Group> Volume::groups() {
  if (!groups_.empty() || chunks_.empty()) return groups_;
  std::ranges::sort(chunks_, {}, [](const Chunk& chunk) { return std::pair(chunk.view.first(), chunk.age); });
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const ChunkView& view = chunks_[i].view;
    if (groups_.empty() || view.first() > groups_.back().last) {
      groups_.push_back({i, i, view.first(), view.last(), 0, false});
    }
    Group& group = groups_.back();
    group.end = i + 1;
    group.last = std::max(group.last, view.last());
    group.count += view.count();
    group.cut = group.cut || chunks_[i].cut;
  }
  return groups_;
}

Result<std::span<const Sample>> Volume::samples(const Group& group) {
  if (decoded_group_ == group.begin) return std::span<const Sample>(samples_);
  decoded_group_.reset();
  samples_.clear();
  const auto mine = chunks(group);
  std::vector<std::size_t> ends;  // of each chunk's samples
  ends.reserve(mine.size() > 1 ? mine.size() : 0);
  for (const Chunk& chunk : mine) {
    const std::size_t begin = samples_.size();
    if (auto decoded = chunk.view.decode(samples_); !decoded) return std::unexpected(std::move(decoded.error()));
    decoded_ += samples_.size() - begin;
    if (chunk.cut) [[unlikely]]
      drop_cut(chunk, begin);
    if (mine.size() > 1) ends.push_back(samples_.size());
  }
  if (mine.size() > 1) {
    // A stable merge keeps what the older piece says in front; the chunks of one piece do not overlap.
    std::vector<std::pair<Sample, std::uint32_t>> aged;
    aged.reserve(samples_.size());
    std::size_t at = 0;
    for (std::size_t i = 0; i < mine.size(); ++i) {
      for (; at < ends[i]; ++at) aged.emplace_back(samples_[at], mine[i].age);
    }
    std::ranges::sort(aged, {}, [](const auto& each) { return std::pair(each.first.timestamp, each.second); });
    samples_.clear();
    for (const auto& [sample, age] : aged) {
      if (samples_.empty() || samples_.back().timestamp != sample.timestamp) samples_.push_back(sample);
    }
  }
  decoded_group_ = group.begin;
  return std::span<const Sample>(samples_);
}

Result<void> Volume::read(Timestamp from, Timestamp to, std::vector<Sample>& out) {
  for (const Group& group : groups()) {
    if (group.last < from || group.first >= to) continue;
    auto all = samples(group);
    if (!all) return std::unexpected(std::move(all.error()));
    const auto wanted = between(*all, from, to);
    out.insert(out.end(), wanted.begin(), wanted.end());
  }
  return {};
}

Result<void> Volume::fold(const Steps& steps, std::span<summary::Summary> summaries) {
  for (const Group& group : groups()) {
    if (group.last < steps.from || group.first >= steps.to) continue;
    if (group.end - group.begin == 1 && !group.cut) {
      if (auto folded = fold_frames(group, steps, summaries); !folded) return folded;
      continue;
    }
    auto all = samples(group);
    if (!all) return std::unexpected(std::move(all.error()));
    fold_samples(*all, steps, summaries);
  }
  return {};
}

// A frame that lies within one stretch is its summary; the chunk is decoded for the others alone.
Result<void> Volume::fold_frames(const Group& group, const Steps& steps, std::span<summary::Summary> summaries) {
  FrameReader frames = chunks(group).front().view.frames();
  for (Frame frame; frames.next(frame);) {
    const auto& [first, last] = std::pair(frame.summary.first, frame.summary.last);
    if (last < steps.from || first >= steps.to) continue;
    if (frame.summarized && steps.within_one(first, last)) {
      summaries[steps.index(first)].add(frame.summary);
      continue;
    }
    auto all = samples(group);
    if (!all) return std::unexpected(std::move(all.error()));
    fold_samples(between(*all, first, tick_after(last)), steps, summaries);
  }
  return {};
}

void Volume::fold_samples(std::span<const Sample> samples, const Steps& steps, std::span<summary::Summary> summaries) {
  summary::for_each_stretch(between(samples, steps.from, steps.to), steps,
                            [&](std::size_t stretch, auto mine) { summaries[stretch].add_ordered(mine); });
}

Result<Found> Volume::find(Timestamp timestamp, Timestamp begin, Timestamp end) {
  Found found{std::nullopt, begin, end};
  for (const Group& group : groups()) {
    if (group.last < timestamp) {
      found.gap_from = std::max(found.gap_from, tick_after(group.last));
    } else if (group.first > timestamp) {
      found.gap_to = std::min(found.gap_to, group.first);
      break;
    } else {
      auto all = samples(group);
      if (!all) return std::unexpected(std::move(all.error()));
      const auto at = std::ranges::lower_bound(*all, timestamp, {}, &Sample::timestamp);
      if (at != all->end() && at->timestamp == timestamp) return Found{at->value, timestamp, timestamp};
      // Of a group that is cut there may be none before it, or none behind it.
      if (at != all->begin()) found.gap_from = std::max(begin, tick_after(std::prev(at)->timestamp));
      found.gap_to = std::min(end, at != all->end() ? at->timestamp : tick_after(group.last));
      return found;
    }
  }
  return found;
}

Result<std::optional<Sample>> Volume::last_at(Timestamp at) {
  const auto all_groups = groups();
  for (const Group& group : std::views::reverse(all_groups)) {
    if (group.first > at) continue;
    auto all = samples(group);
    if (!all) return std::unexpected(std::move(all.error()));
    const auto after = std::ranges::upper_bound(*all, at, {}, &Sample::timestamp);
    if (after != all->begin()) return *std::prev(after);
  }
  return std::nullopt;
}

}  // namespace temperature::history
