#include "pipeline/deletion_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "base/timestamp_limits.h"
#include "pipeline/purger.h"
#include "pipeline/room_reader.h"
#include "pipeline/scope.h"
#include "summary/steps.h"

namespace temperature::pipeline {

void PendingRemoval::finished(Result<Position> outcome) {
  if (DeletionListener* const listener = take_listener()) {  // it was not applied
    deletions_.give_back();
    listener->deleted(std::unexpected(outcome ? Error{ErrorCode::internal, "the deletion was not applied"}
                                              : std::move(outcome.error())));
  }
  delete this;
}

DeletionPath::DeletionPath(const catalogue::Catalogue& catalogue, const window::Windows& windows,
                           const history::HistorySource& history, journal::Journal& journal,
                           PendingDeletions& deletions, const history::Purges& purges, const ServiceState& state,
                           const Clock& clock, AdmitJudgements& admit)
    : catalogue_(catalogue),
      windows_(windows),
      history_(history),
      journal_(journal),
      deletions_(deletions),
      purges_(purges),
      state_(state),
      clock_(clock),
      admit_(admit) {}

Result<void> DeletionPath::may_delete() const {
  switch (state_.phase()) {
    case ServiceState::Phase::recovering:
      return failure(ErrorCode::recovering, "nothing can be deleted yet: the service is recovering");
    case ServiceState::Phase::stopping:
      return failure(ErrorCode::shutting_down, "nothing can be deleted: the service is stopping");
    case ServiceState::Phase::serving:
      break;
  }
  if (!state_.folder_lost()) return {};
  return failure(ErrorCode::data_folder_lost,
                 "nothing can be deleted: the data folder was removed, or something else was mounted over it");
}

// A full disk is no reason to refuse: deleting is what frees it.
void DeletionPath::remove(Deletion deletion, DeletionListener& listener) {
  const auto refuse = [&listener](Error error) { listener.deleted(std::unexpected(std::move(error))); };
  if (auto may = may_delete(); !may) return refuse(std::move(may.error()));
  deletion.from = std::max(deletion.from, limits::kTimestampFirst);  // no reading is older
  if (deletion.from >= deletion.to) {
    return refuse({ErrorCode::parameter_invalid, "nothing lies between from and to: from must be before to"});
  }
  if (deletion.purge && purges_.list().size() >= limits::kPurgesWaitingMax) {
    return refuse({ErrorCode::overloaded, fmt::format("{} purges are not done yet; delete without one, or ask again "
                                                      "when they are (temperature_service_purges_waiting)",
                                                      limits::kPurgesWaitingMax)});
  }
  if (auto admitted = admit_.ask(); !admitted) return refuse(std::move(admitted.error()));
  if (!deletions_.take_place()) {
    return refuse({ErrorCode::overloaded,
                   fmt::format("{} deletions wait already until the history has taken them; ask again in a moment",
                               limits::kPendingDeletionsMax)});
  }
  deletion.origin.received = clock_.now();
  journal_.append(*new PendingRemoval(std::move(deletion), listener, deletions_));  // deletes itself
}

Result<std::uint64_t> DeletionPath::count(const Deletion& deletion) const {
  if (state_.phase() == ServiceState::Phase::recovering) {
    return failure(ErrorCode::recovering, "nothing can be counted yet: the service is recovering");
  }
  const auto steps = summary::Steps::whole(std::max(deletion.from, limits::kTimestampFirst),
                                           std::min(deletion.to, kTimestampMax - kTick));
  std::uint64_t count = 0;
  if (steps.count() == 0) return count;
  for (ScopedWindow& window : find_scope(catalogue_, deletion.scope)) {
    RoomReader reader(windows_, history_);
    RoomSeries room{.any = true, .window = window.id, .slot = window.slot, .series = std::move(window.series)};
    summary::Summary summary;
    if (auto folded = reader.fold(room, steps, std::span(&summary, 1)); !folded) {
      return std::unexpected(std::move(folded.error()));
    }
    count += summary.count;
  }
  return count;
}

}  // namespace temperature::pipeline
