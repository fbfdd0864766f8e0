#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "history/history.h"
#include "model/reading.h"
#include "window/windows.h"

namespace temperature::pipeline {

// Counts the flushes that reached the history. What a writer looked up in an earlier generation must
// be looked up again: readings may have moved from a window to the history in between.
using HistoryGeneration = std::atomic<std::uint64_t>;

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
                                  const history::History& history, const HistoryGeneration& generation);

// Answers from what was looked up, or from the history itself when that is out of date.
class LateArchive final : public window::Archive {
 public:
  LateArchive(const ReadingColumns& rows, const LateReadings* late, const history::History& history,
              const HistoryGeneration& generation);

  std::optional<double> stored(std::size_t row) override;

  // The first look-up that failed; its reading was taken for new.
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

 private:
  const ReadingColumns& rows_;
  const LateReadings* late_;
  const history::History& history_;
  const HistoryGeneration& generation_;
  std::optional<Error> trouble_;
};

}  // namespace temperature::pipeline
