#include "pipeline/vouching.h"

#include <fmt/format.h>

#include <set>
#include <string>

namespace temperature::pipeline {
namespace {

bool is_near(Timestamp timestamp, Timestamp now) {
  return timestamp <= now ? now - timestamp <= limits::kVouchedMax : timestamp - now <= limits::kVouchedMax;
}

std::string sensor_name(const catalogue::Catalogue& catalogue, SeriesId id) {
  const catalogue::SeriesInfo series = catalogue.series(id);
  const catalogue::WindowInfo window = catalogue.window(series.place.window);
  return fmt::format("{}/{}/{}", window.building, window.room, series.sensor);
}

}  // namespace

// Both the batch and what was parsed are in the request's order; what was not accepted is passed over.
void vouch(KnownTime& time, const ingest::Parsed& parsed, const accept::Admission& admission, std::string_view sender,
           Senders senders, const catalogue::Catalogue& catalogue, Timestamp now) {
  const ReadingColumns& rows = admission.batch->readings();
  std::set<std::string> heard;
  std::size_t row = 0;
  for (const ingest::RawReading& raw : parsed.readings) {
    while (row < rows.size() && admission.indices[row] < raw.index) ++row;
    if (row == rows.size() || heard.size() == limits::kVouchersNeeded) return;
    if (admission.indices[row] != raw.index || !raw.timestamp_ms) continue;
    const Timestamp sent = timestamp_from_ms(*raw.timestamp_ms);
    if (sent != rows.timestamps[row] || !is_near(sent, now)) continue;
    std::string name = senders == Senders::credentials ? std::string(sender) : sensor_name(catalogue, rows.series[row]);
    if (!heard.insert(name).second) continue;
    time.vouch(name, sent);
    if (senders == Senders::credentials) return;
  }
}

}  // namespace temperature::pipeline
