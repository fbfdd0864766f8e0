#include "pipeline/write_path.h"

#include <fmt/format.h>

#include "accept/acceptor.h"
#include "base/memory_reserve.h"
#include "history/history.h"
#include "journal/journal.h"
#include "pipeline/judgements.h"
#include "pipeline/late_readings.h"
#include "pipeline/pending_deletions.h"
#include "pipeline/pending_write.h"
#include "pipeline/service_state.h"
#include "pipeline/vouching.h"
#include "window/windows.h"

namespace temperature::pipeline {

WritePath::WritePath(const catalogue::Catalogue& catalogue, const accept::Acceptor& acceptor,
                     const window::Windows& windows, const history::HistorySource& history,
                     const std::atomic<std::uint64_t>& history_generation, LookUps& look_ups, journal::Journal& journal,
                     const ServiceState& state, const Clock& clock, std::uint64_t unflushed_max, Judge judge,
                     Corrections corrections, JournalId journal_id)
    : catalogue_(catalogue),
      acceptor_(acceptor),
      windows_(windows),
      history_(history),
      history_generation_(history_generation),
      look_ups_(look_ups),
      journal_(journal),
      state_(state),
      clock_(clock),
      judge_(judge),
      corrections_(corrections),
      gaps_(std::make_unique<KnownGaps>()),
      pending_(std::make_unique<PendingWrites>()),
      unflushed_max_(unflushed_max),
      journal_id_(journal_id.none() ? std::string() : journal_id.text()) {}

WritePath::~WritePath() = default;

// 1. Accept: check each reading, find or define its series.
// 2. Look into the history for readings that are older than what is in memory: are they there already?
// 3. Journal: the batch joins the next commit group; one sync makes the whole group durable.
// 4. Apply (the applier, called by the journal): fresh, duplicate or conflict; the windows take the fresh ones. Of a
//    correction: fresh, duplicate or replaced.
// 5. Answer (PendingWrite::finished, called by the journal): only now is the sender told.
void WritePath::write(const ingest::Parsed& parsed, std::string_view sender, WriteListener& listener,
                      const Permit* permit, std::optional<std::string> correction) {
  if (auto may = may_write(); !may) return listener.written(std::unexpected(std::move(may.error())));

  PendingWrites::Taken write = pending_->take();
  const Timestamp now = clock_.now();
  accept::Admission admission = acceptor_.accept(parsed, sender, now, permit, write->release());
  if (parsed.stopping != nullptr && parsed.stopping->load(std::memory_order_relaxed)) {
    return listener.written(ingest::stopped());  // it may not have been accepted to its end
  }
  if (admission.rejected_count > 0) count_rejected(admission.rejected_by_code);
  if (!admission.batch) {
    WriteOutcome nothing;
    nothing.rejected = admission.rejected_count;
    nothing.rejected_for_now = admission.rejected_by_code[std::to_underlying(ErrorCode::series_limit)];
    nothing.rejected_unlisted = rejected_unlisted(admission);
    nothing.rejected_details = std::move(admission.rejected);
    return listener.written(std::move(nothing));
  }

  if (judge_.time.asks()) vouch(judge_.time, parsed, admission, sender, judge_.senders, catalogue_, now);

  auto late = look_up_late(admission.batch->readings(), windows_, history_, history_generation_, *gaps_, look_ups_);
  if (!late) return listener.written(std::unexpected(std::move(late.error())));

  if (correction) {
    auto place = admit_correction(admission.batch->readings().size());
    if (!place) return listener.written(std::unexpected(std::move(place.error())));
    write->begin(std::move(admission), std::move(*late), listener,
                 PendingWrite::Correction{std::move(*correction), std::move(*place)});
  } else {
    write->begin(std::move(admission), std::move(*late), listener);
  }
  journal_.append(*write.release());  // goes back by itself when it is finished
}

Result<PendingPlace> WritePath::admit_correction(std::size_t readings) {
  if (auto admitted = corrections_.admit.ask(); !admitted) return std::unexpected(std::move(admitted.error()));
  if (auto place = corrections_.pending.reserve(readings)) return std::move(*place);
  return failure(ErrorCode::overloaded,
                 "too many corrections and deletions wait until the history has taken them; send it again in a moment");
}

void WritePath::count_rejected(const ingest::CountByCode& counts) {
  for (std::size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] > 0) rejected_[code].fetch_add(counts[code], std::memory_order_relaxed);
  }
}

void WritePath::name_conflicts(WriteOutcome& outcome) const {
  pipeline::name_conflicts(catalogue_, outcome);
}

std::uint64_t WritePath::look_ups_failed() const {
  return look_ups_.writes_failed();
}

const std::atomic<bool>& WritePath::stopping() const {
  return state_.stopping();
}

Result<void> WritePath::may_write() const {
  switch (state_.phase()) {
    case ServiceState::Phase::recovering:
      return failure(ErrorCode::recovering, "readings cannot be taken yet: the service is recovering");
    case ServiceState::Phase::stopping:
      return ingest::stopped();
    case ServiceState::Phase::serving:
      break;
  }
  if (state_.folder_lost()) {
    return failure(ErrorCode::data_folder_lost,
                   "readings cannot be taken: the data folder was removed, or something else was mounted over it");
  }
  if (state_.disk_low()) {
    return failure(ErrorCode::disk_full,
                   "readings cannot be taken now: less space than --min-free-disk is left on the disk");
  }
  if (auto set = check_clock(clock_.now()); !set) return set;
  if (MemoryReserve::is_short()) return failure(ErrorCode::overloaded, "readings cannot be taken now: memory is short");
  if (windows_.unflushed() > unflushed_max_) {
    return failure(
        ErrorCode::overloaded,
        fmt::format("readings cannot be taken now: {} wait to be written to the history", windows_.unflushed()));
  }
  return {};
}

}  // namespace temperature::pipeline
