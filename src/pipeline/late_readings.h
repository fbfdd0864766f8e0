#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/error.h"
#include "history/history.h"
#include "model/reading.h"
#include "pipeline/look_ups.h"
#include "window/windows.h"

namespace temperature::pipeline {

// Counts the flushes that reached the history. What a writer looked up in an earlier generation must
// be looked up again: readings may have moved from a window to the history in between.
using HistoryGeneration = std::atomic<std::uint64_t>;

// Stretches of time in which the history has no reading of a series, as found by look-ups: who sends old
// readings in order need look only once between two flushes. One for each series, of so many series. Thread-safe.
class KnownGaps {
 public:
  KnownGaps();

  [[nodiscard]] bool covers(SeriesId series, Timestamp timestamp, std::uint64_t generation) const;
  void remember(SeriesId series, const history::Found& found, std::uint64_t generation);

 private:
  struct Gap {
    SeriesId series;
    std::uint64_t generation = 0;
    Timestamp from;  // from <= timestamp < to
    Timestamp to;
  };
  [[nodiscard]] std::size_t place(SeriesId series) const { return series.value() % gaps_.size(); }

  mutable std::mutex mutex_;
  std::vector<Gap> gaps_;
};

// What the history holds of a batch's late readings, looked up before the batch is journalled.
struct LateReadings {
  struct Row {
    std::size_t row;
    std::optional<double> stored;
  };
  std::uint64_t generation = 0;
  std::vector<Row> rows;  // in order
};

// Looks into the history for the rows that lie below their window's floor. Any thread. Most batches
// have none and cost one comparison a row. Error history_failed.
Result<LateReadings> look_up_late(const ReadingColumns& rows, const window::Windows& windows,
                                  const history::HistorySource& history, const HistoryGeneration& generation,
                                  KnownGaps& gaps, LookUps& look_ups);

// Answers from what was looked up, or from the history itself when that is out of date. Where a look-up fails, neither
// that row nor a later one of the batch is known.
class LateArchive final : public window::Archive {
 public:
  LateArchive(const ReadingColumns& rows, const LateReadings* late, const history::HistorySource& history,
              const HistoryGeneration& generation, LookUps& look_ups);

  Stored stored(std::size_t row) override;

  // Why some row was not known.
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

 private:
  const ReadingColumns& rows_;
  const LateReadings* late_;
  const history::HistorySource& history_;
  const HistoryGeneration& generation_;
  LookUps& look_ups_;
  std::unique_ptr<history::HistoryView> view_;
  std::uint64_t view_generation_ = 0;
  std::optional<Error> trouble_;
};

}  // namespace temperature::pipeline
