#include "mirror/journal_batch.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "catalogue/definition.h"
#include "pipeline/scope.h"

namespace temperature::mirror {
namespace {

using RowPlace = std::pair<SeriesId, Timestamp>;

// Of several rows at one place the first one stays.
void keep_first_of_each_place(Rows& rows) {
  std::vector<std::uint32_t> order(rows.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto place = [&rows](std::uint32_t row) { return RowPlace(rows.series[row], rows.timestamps[row]); };
  std::ranges::stable_sort(order, {}, place);
  const auto repeated = std::ranges::unique(order, {}, place);
  if (repeated.empty()) return;
  order.erase(repeated.begin(), repeated.end());
  std::ranges::sort(order);
  Rows kept;
  for (const std::uint32_t row : order) kept.push_back(rows.series[row], {rows.timestamps[row], rows.values[row]});
  rows = std::move(kept);
}

void append(const ReadingColumns& readings, const std::vector<std::uint32_t>& without, Rows& rows) {
  if (without.empty()) {
    rows.series.insert(rows.series.end(), readings.series.begin(), readings.series.end());
    rows.timestamps.insert(rows.timestamps.end(), readings.timestamps.begin(), readings.timestamps.end());
    rows.values.insert(rows.values.end(), readings.values.begin(), readings.values.end());
    return;
  }
  auto left_out = without.begin();
  for (std::size_t row = 0; row < readings.size(); ++row) {
    if (left_out != without.end() && *left_out == row) {
      ++left_out;
    } else {
      rows.push_back(readings.series[row], {readings.timestamps[row], readings.values[row]});
    }
  }
}

}  // namespace

void JournalBatch::add(const journal::Record& record) {
  switch (record.kind) {
    case journal::RecordKind::definitions:
      for (const catalogue::Definition& definition : record.definitions) {
        if (const auto* unit = std::get_if<catalogue::UnitDefined>(&definition)) batch_.units.push_back(*unit);
      }
      break;
    case journal::RecordKind::readings:
      append(record.readings, not_taken_.of(record.position), rows_of(record.position));
      break;
    case journal::RecordKind::deletion:
      clear(record.deletion);
      break;
    case journal::RecordKind::correction:
      replace(record.readings, not_taken_.of(record.position), rows_of(record.position));
      break;
    case journal::RecordKind::mark:
    case journal::RecordKind::passed_over:
      break;
  }
}

Rows& JournalBatch::rows_of(Position record) {
  return record <= absent_upto_ ? batch_.absent : batch_.fresh;
}

void JournalBatch::finish() {
  keep_first_of_each_place(batch_.absent);
}

void JournalBatch::clear(const Deletion& deletion) {
  std::vector<SeriesId> covered;
  for (const auto& window : pipeline::find_scope(catalogue_, deletion.scope)) {
    for (const catalogue::SeriesInfo& series : window.series) {
      batch_.cleared.push_back({series.id, deletion.from, deletion.to});
      covered.push_back(series.id);
    }
  }
  std::ranges::sort(covered);
  for (Rows* rows : {&batch_.absent, &batch_.fresh}) {
    rows->erase_if([&](std::size_t row) {
      return deletion.covers(rows->timestamps[row]) && std::ranges::binary_search(covered, rows->series[row]);
    });
  }
}

// Whatever stands there, the last of the correction's readings does afterwards. `without`: rows that changed nothing.
void JournalBatch::replace(const ReadingColumns& readings, const std::vector<std::uint32_t>& without, Rows& corrected) {
  std::vector<std::pair<RowPlace, std::uint32_t>> order;
  order.reserve(readings.size());
  for (std::uint32_t row = 0; row < readings.size(); ++row) {
    if (std::ranges::binary_search(without, row)) continue;
    order.emplace_back(RowPlace(readings.series[row], readings.timestamps[row]), row);
  }
  std::ranges::sort(order);
  for (Rows* rows : {&batch_.absent, &batch_.fresh}) {
    rows->erase_if([&](std::size_t row) {
      return std::ranges::binary_search(order, RowPlace(rows->series[row], rows->timestamps[row]), {},
                                        &std::pair<RowPlace, std::uint32_t>::first);
    });
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto& [place, row] = order[i];
    if (i + 1 < order.size() && order[i + 1].first == place) continue;
    batch_.cleared.push_back({place.first, place.second, tick_after(place.second)});
    corrected.push_back(place.first, {place.second, readings.values[row]});
  }
}

}  // namespace temperature::mirror
