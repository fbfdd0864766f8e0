#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "accept/acceptor.h"
#include "base/check.h"
#include "journal/journal.h"
#include "pipeline/late_readings.h"
#include "pipeline/write_path.h"
#include "window/windows.h"

namespace temperature::pipeline {

// A batch between its admission and its answer. Lives on the heap; deletes itself when it is finished.
class PendingWrite final : public journal::Submission {
 public:
  PendingWrite(accept::Admission admission, WriteListener& listener)
      : Submission(std::move(*admission.batch)), indices_(std::move(admission.indices)), listener_(listener) {
    outcome_.rejected = admission.rejected_count;
    outcome_.rejected_for_now = admission.rejected_by_code[std::to_underlying(ErrorCode::series_limit)];
    outcome_.rejected_details = std::move(admission.rejected);
  }

  LateReadings late;        // set by the write path
  window::Applied applied;  // set by the applier

  void finished(Result<Position> position) override {
    if (position) {
      outcome_.position = *position;
      outcome_.accepted = applied.fresh;
      outcome_.duplicates = applied.duplicates;
      outcome_.conflicts = applied.conflicts;
      for (const auto& [row, stored] : applied.contradictions) {
        outcome_.conflict_details.push_back({indices_[row], stored, batch().readings().values[row]});
      }
    }
    WriteListener& listener = listener_;
    Result<WriteOutcome> result =
        position ? Result<WriteOutcome>(std::move(outcome_)) : std::unexpected(std::move(position.error()));
    delete this;
    listener.written(std::move(result));
  }

 private:
  ~PendingWrite() override = default;

  std::vector<std::uint32_t> indices_;
  WriteListener& listener_;
  WriteOutcome outcome_;
};

}  // namespace temperature::pipeline
