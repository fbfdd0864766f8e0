#include "mirror/follower.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "journal/record.h"
#include "mirror/journal_batch.h"
#include "pipeline/scope.h"

namespace temperature::mirror {
namespace {

// Readings of a room that lie nearer to each other than this are owed as one range.
constexpr Duration kOwedTogether = std::chrono::hours(1);
// Ranges that are written before that is written down.
constexpr std::size_t kOwedDoneUnwritten = 1'000;

std::unexpected<Obstacle> obstacle(Error error) {
  return std::unexpected(Obstacle{.kind = Obstacle::Kind::here, .text = std::move(error.detail)});
}

std::unexpected<Obstacle> refuse(std::string text) {
  return std::unexpected(Obstacle{.kind = Obstacle::Kind::refused, .text = std::move(text)});
}

}  // namespace

Follower::Follower(FollowerOptions options, const journal::Journal& journal, pipeline::Pipeline& pipeline,
                   const catalogue::Catalogue& catalogue, NotTakenRows& not_taken)
    : options_(std::move(options)),
      journal_(journal),
      pipeline_(pipeline),
      catalogue_(catalogue),
      not_taken_(not_taken) {}

std::string Follower::prepare() {
  pipeline_.keep_journal_after(Position());
  std::string odd;
  auto known = read_local_state(options_.data_dir);
  if (!known) {
    owes_everything_ = true;
    odd = known.error().detail;
  } else if (*known && (*known)->journal == options_.journal_id) {
    local_ = std::move(**known);
  }
  local_.journal = options_.journal_id;
  return odd;
}

void Follower::begin(Position recovered, JournalTrail::Time now) {
  const journal::JournalStatus status = journal_.status();
  trail_.emplace(recovered, journal_.bytes_on_disk(), now);
  absent_upto_ = recovered;
  cursor_ = std::max(status.released, local_.covered);
  if (std::exchange(owes_everything_, false)) owe_everything();
}

Result<void> Follower::tend(JournalTrail::Time now) {
  const std::uint64_t readings = pipeline_.readings_taken();
  trail_->note(journal_.status().last, journal_.figures().bytes.load(std::memory_order_relaxed), readings, now);
  const std::uint64_t bytes_max = options_.journal_bytes_max;
  Result<void> done;
  if (trail_->bytes_behind(cursor_) > bytes_max) {
    // Down to half of it, so that this is not begun again at once.
    done = owe_journal(std::min(trail_->with_bytes_behind(bytes_max / 2), pipeline_.applied_position()));
  }
  kept_after_ = std::min(cursor_, trail_->at(now - options_.grace));
  if (trail_->bytes_behind(kept_after_) > bytes_max) {
    kept_after_ = std::min(cursor_, trail_->with_bytes_behind(bytes_max));
  }
  if (done) pipeline_.keep_journal_after(kept_after_);
  if (done && kept_owed_ != owed()) done = keep();
  note_status(now);
  return done;
}

void Follower::note_status(JournalTrail::Time now) {
  status_.position.store(cursor_.value(), std::memory_order_relaxed);
  status_.behind_bytes.store(trail_->bytes_behind(cursor_), std::memory_order_relaxed);
  status_.behind_readings.store(trail_->readings_behind(cursor_), std::memory_order_relaxed);
  status_.lag_ms.store(trail_->age_behind(cursor_, now).count(), std::memory_order_relaxed);
  status_.journal_bytes.store(trail_->bytes_behind(kept_after_), std::memory_order_relaxed);
  status_.owed_ranges.store(owed(), std::memory_order_relaxed);
}

// What is being worked at is owed until it is done.
Result<void> Follower::keep() {
  LocalState state = local_;
  if (working_) state.owed.add(working_->range);
  auto written = write_local_state(options_.data_dir, state);
  if (written) kept_owed_ = owed();
  return written;
}

Result<void> Follower::leave() {
  if (!fence_ && owed() == 0) return {};
  return keep();
}

Result<void> Follower::owe(Timestamp from, Timestamp to) {
  owe_all_rooms(from, to);
  return keep();
}

void Follower::owe_all_rooms(Timestamp from, Timestamp to) {
  for (std::uint32_t i = 0; i < catalogue_.window_count(); ++i) local_.owed.add({WindowId(i), from, to});
}

// The journal's records up to here are of no more use: every reading that is held lies in an owed range.
void Follower::owe_everything() {
  cursor_ = pipeline_.applied_position();
  working_.reset();
  owe_all_rooms(kTimestampMin, kTimestampMax);
  local_.base = local_.covered = cursor_;
}

void Follower::owe_scope(const Deletion& deletion) {
  for (const auto& window : pipeline::find_scope(catalogue_, deletion.scope)) {
    local_.owed.add({window.id, deletion.from, deletion.to});
  }
}

// Every reading of the records up to this one, and what they deleted, lies in an owed range afterwards, and that is on
// the disk: the records may go.
Result<void> Follower::owe_journal(Position upto) {
  if (upto <= cursor_) return {};
  std::map<std::uint32_t, OwedRange> of_windows;
  ReadingColumns readings;
  const auto read = journal_.read(cursor_, upto, [&](const journal::Record& record) {
    if (record.kind == journal::RecordKind::deletion) owe_scope(record.deletion);
    if (!journal::has_readings(record.kind)) return true;
    readings = record.readings;
    if (catalogue_.set_places(readings)) return true;  // of a series that is not known: nobody has taken it
    for (std::size_t row = 0; row < readings.size(); ++row) {
      const WindowId window = readings.places[row].window;
      const Timestamp at = readings.timestamps[row];
      const auto [known, is_new] = of_windows.try_emplace(window.value(), OwedRange{window, at, tick_after(at)});
      OwedRange& range = known->second;
      if (at < range.from - kOwedTogether || at > range.to + kOwedTogether) {
        local_.owed.add(std::exchange(range, OwedRange{window, at, tick_after(at)}));
      } else if (!is_new) {
        range.from = std::min(range.from, at);
        range.to = std::max(range.to, tick_after(at));
      }
    }
    return true;
  });
  if (!read) return std::unexpected(read.error());
  if (!*read) {
    owe_everything();
    return keep();
  }
  for (const auto& [window, range] : of_windows) local_.owed.add(range);
  if (cursor_ != local_.covered) local_.base = fence_ ? std::min(fence_->position, cursor_) : cursor_;
  cursor_ = local_.covered = **read;
  return keep();
}

Progress<void> Follower::attach(Target& target, TakeOver take_over) {
  auto found = target.fence();
  if (!found) return obstacle(std::move(found.error()));
  const auto begun = begin_at(*found, take_over);
  if (!begun) return std::unexpected(begun.error());
  const bool emptied = *begun == Begin::emptied;
  const Fence to{.journal = options_.journal_id,
                 .position = cursor_,
                 .number = *found ? (*found)->number + 1 : 1,
                 .owed_ranges = owed()};
  // What is owed is on the disk before the database says that everything else is there.
  if (auto kept = keep(); !kept) return obstacle(std::move(kept.error()));
  attempted_ = std::max(attempted_, to.number);
  const auto claimed = target.claim(*found, to, emptied);
  if (!claimed) return obstacle(claimed.error());
  if (!*claimed) return refuse("another service has just taken this database");
  moved(to);
  return {};
}

// Where in the journal to go on, with a database that was found so; sets cursor_ and what is owed.
Progress<Follower::Begin> Follower::begin_at(const std::optional<Fence>& found, TakeOver take_over) {
  if (!found) {
    owe_everything();
    return Begin::as_it_is;
  }
  if (take_over == TakeOver::empty) {
    owe_everything();
    return Begin::emptied;
  }
  if (found->journal == options_.journal_id) {
    const bool by_another = attempted_ != 0 && found->number > attempted_;
    if (by_another || found->position > journal_.status().last) {
      return refuse(fmt::format(
          "the database has been written by another copy of this data folder, up to its record {}; stop that one, or "
          "have the database replaced: temperature-service mirror replace",
          found->position.value()));
    }
    start_behind(*found, found->position);
    return Begin::as_it_is;
  }
  const auto& origin = local_.origin;
  if (origin && found->journal == origin->from && found->position == origin->position) {
    start_behind(*found, origin->own);
    return Begin::as_it_is;
  }
  const auto& fork = options_.forked_from;
  if (fork && found->journal == fork->journal && found->position <= fork->position) {
    start_behind(*found, found->position);
    return Begin::as_it_is;
  }
  const bool ahead = (fork && found->journal == fork->journal) || (origin && found->journal == origin->from);
  return refuse(fmt::format(
      "the database {} (journal {}, record {}); temperature-service mirror adopt takes from it what is missing here "
      "first, temperature-service mirror replace empties it: then it gets what is held here",
      ahead ? "is ahead of this data folder, which was made of an older state" : "is another data folder's",
      found->journal.text(), found->position.value()));
}

// `position`: in our journal, what the database has.
void Follower::start_behind(const Fence& found, Position position) {
  // A standby that took over may be behind what was acknowledged. What it owed then has been forgotten here since, and
  // what is fresh from there on, too.
  const bool behind = found.number < local_.fence;
  const bool covered = !behind && position >= local_.base && local_.covered > position;
  const Position from = covered ? local_.covered : position;
  const bool owed_is_known = found.owed_ranges == 0 || (!behind && owed() > 0);
  if (!owed_is_known || journal_.status().released > from) return owe_everything();
  cursor_ = from;
  if (behind) absent_upto_ = std::max(absent_upto_, journal_.status().last);
}

// The database says so now. What was owed for records before them is being done from here on: it is no more complete
// for a database that is older than this.
void Follower::moved(const Fence& to) {
  fence_ = to;
  local_.fence = to.number;
  local_.base = local_.covered = std::max(local_.covered, to.position);
}

Progress<bool> Follower::step(Target& target) {
  CHECK(fence_);
  auto more = follow(target);
  if (!more) return more;
  if (owed() == 0) return more;
  if (auto replaced = replace(target); !replaced) return std::unexpected(std::move(replaced.error()));
  return *more || owed() > 0;
}

Progress<bool> Follower::follow(Target& target) {
  const Position upto = pipeline_.applied_position();
  batch_.clear();
  Position reached = cursor_;
  if (cursor_ < upto) {
    const auto collected = collect(upto);
    if (!collected) return obstacle(collected.error());
    if (!*collected) {  // released: nobody held it back yet
      owe_everything();
      if (auto kept = keep(); !kept) return obstacle(kept.error());
      return true;
    }
    reached = **collected;
  }
  if (reached == fence_->position) return false;
  if (const auto thinned = thin_out(target, owed()); !thinned || *thinned) return thinned;
  if (auto written = write(target, reached, owed()); !written) return std::unexpected(std::move(written.error()));
  cursor_ = reached;
  not_taken_.forget(reached);
  return reached < upto;
}

// Fills the batch with the journal's records behind the cursor. Returns the last one.
Result<std::optional<Position>> Follower::collect(Position upto) {
  JournalBatch batch(catalogue_, not_taken_, std::max(absent_upto_, not_taken_.unknown_upto()), batch_);
  auto reached = journal_.read(cursor_, upto, [&](const journal::Record& record) {
    batch.add(record);
    return batch_.rows() < options_.batch_readings && batch_.cleared.empty();
  });
  batch.finish();
  return reached;
}

Progress<bool> Follower::replace(Target& target) {
  batch_.clear();
  const std::optional<Working> before = working_;
  const std::size_t owed_before = owed();
  std::vector<OwedRange> begun;
  auto collected = collect_owed(begun);
  // Whatever was seen stands at or before this record: from behind it on fresh readings are new to the database. So it
  // is also when nobody knows whether this is committed.
  absent_upto_ = std::max(absent_upto_, journal_.status().last);
  Progress<void> written;
  if (!collected) written = obstacle(std::move(collected.error()));
  const std::size_t rows = batch_.rows();
  const Progress<bool> thinned = written ? thin_out(target, owed_before) : false;
  if (!thinned) written = std::unexpected(thinned.error());
  const bool again = !thinned || *thinned;
  if (!again && written && !batch_.cleared.empty()) written = write(target, cursor_, owed());
  if (!written || again) {
    working_ = before;
    for (const OwedRange& range : begun) local_.owed.add(range);
    if (!written) return std::unexpected(std::move(written.error()));
    return true;
  }
  status_.owed_rows.fetch_add(rows, std::memory_order_relaxed);
  if (owed() == 0 || kept_owed_ > owed() + kOwedDoneUnwritten) {
    if (auto kept = keep(); !kept) return obstacle(std::move(kept.error()));
  }
  return true;
}

// Fills the batch with what is held of owed ranges. `begun`: those that were taken out of the set for it.
Result<void> Follower::collect_owed(std::vector<OwedRange>& begun) {
  std::vector<Sample> samples;
  const std::optional<WindowId> continued = working_ ? std::optional(working_->range.window) : std::nullopt;
  while (batch_.fresh.size() < options_.owed_readings && batch_.cleared.size() < limits::kMirrorOwedSeries) {
    if (!working_) {
      const auto range = local_.owed.take();
      if (!range) return {};
      if (range->window == continued) {  // owed since: it may overlap what this batch has already
        local_.owed.add(*range);
        return {};
      }
      begun.push_back(*range);
      if (range->window.value() >= catalogue_.window_count()) continue;
      working_ = Working{*range, 0, range->from};
    }
    const OwedRange range = working_->range;
    const auto series = catalogue_.window_series(range.window);
    pipeline::HeldReadings held = pipeline_.held(range.window, range.from, range.to);
    while (working_->series < series.size() && batch_.fresh.size() < options_.owed_readings &&
           batch_.cleared.size() < limits::kMirrorOwedSeries) {
      const catalogue::SeriesInfo& each = series[working_->series];
      samples.clear();
      const auto known =
          held.read(each, working_->from, range.to, options_.owed_readings - batch_.fresh.size(), samples);
      if (!known) return std::unexpected(known.error());
      batch_.cleared.push_back({each.id, working_->from, *known});
      for (const Sample& sample : samples) batch_.fresh.push_back(each.id, sample);
      const bool whole = *known >= range.to;
      working_->series += whole ? 1 : 0;
      working_->from = whole ? range.from : *known;
    }
    if (working_->series >= series.size()) working_.reset();
  }
  return {};
}

// True: what is to be cleared is more than a transaction's work, and has become less.
Progress<bool> Follower::thin_out(Target& target, std::size_t owed_now) {
  if (batch_.cleared.empty()) return false;
  Fence to = *fence_;
  ++to.number;
  to.owed_ranges = owed_now;
  attempted_ = std::max(attempted_, to.number);
  const auto thinned = target.thin_out(*fence_, to, batch_.cleared);
  if (!thinned) return obstacle(thinned.error());
  if (*thinned == Target::Thinned::another) return std::unexpected(written_by_another());
  if (*thinned == Target::Thinned::enough) return false;
  moved(to);
  status_.batches.fetch_add(1, std::memory_order_relaxed);
  return true;
}

Progress<void> Follower::write(Target& target, Position position, std::size_t owed_after) {
  Fence to = *fence_;
  to.position = position;
  ++to.number;
  to.owed_ranges = owed_after;
  attempted_ = std::max(attempted_, to.number);
  auto written = target.write(*fence_, to, batch_);
  if (!written) return obstacle(std::move(written.error()));
  if (!*written) return std::unexpected(written_by_another());
  moved(to);
  status_.rows.fetch_add(batch_.rows(), std::memory_order_relaxed);
  status_.batches.fetch_add(1, std::memory_order_relaxed);
  return {};
}

}  // namespace temperature::mirror
