#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "ingest/raw_reading.h"
#include "mapping/line_mapper.h"
#include "mapping/sensor_name_counts.h"
#include "pipeline/write_path.h"
#include "telemetry/log.h"
#include "telemetry/rejects.h"

namespace temperature::limits {

// Different unknown units of line protocol that are named in the log since the start; others are only counted.
inline constexpr std::size_t kUnknownUnitsLogged = 100;

}  // namespace temperature::limits

namespace temperature::doors {

// Figures of line protocol, for /metrics. Counters since the start of the process; any thread.
struct LineFigures {
  std::atomic<std::uint64_t> texts_passed_over{0};
  std::atomic<std::uint64_t> booleans_passed_over{0};
  std::atomic<std::uint64_t> numbers_passed_over{0};
  std::atomic<std::uint64_t> fields_left_out{0};  // by --line-fields
  std::atomic<std::uint64_t> units_unknown{0};    // readings that were taken without the unit that their line names
};

// POST /write, POST /api/v2/write and POST /api/v3/write_lp: InfluxDB line protocol, as its versions 1, 2 and 3 take
// it; which of them, the path says.
class LineDoor final : public http::Door {
 public:
  // What is given must outlive the door. `threads` is the server's.
  LineDoor(pipeline::WritePath& write_path, const mapping::LineRules& rules, const mapping::DeviceMaps& maps,
           telemetry::Rejects& rejects, const telemetry::Log& log, std::size_t threads);
  void handle(http::Exchange& exchange) override;

  [[nodiscard]] const LineFigures& figures() const { return figures_; }
  // The fields that were passed over; of one that several threads met, what each of them knows. Any thread.
  [[nodiscard]] std::vector<mapping::PassedOverField> passed_over() const;

 private:
  struct Scratch {
    Scratch(const mapping::LineRules& rules, const mapping::DeviceMaps& maps, mapping::SensorNameCounts& counts)
        : mapper(rules, maps, &counts) {}
    mapping::LineMapper mapper;
    ingest::Parsed parsed;
  };

  Result<void> read(http::Request& request, Scratch& scratch);
  // Says each of the first limits::kUnknownUnitsLogged in the log, once.
  void note_unknown_unit(std::string_view unit, http::Request& request);

  pipeline::WritePath& write_path_;
  const mapping::LineRules& rules_;
  const mapping::DeviceMaps& maps_;
  telemetry::Rejects& rejects_;
  mapping::SensorNameCounts name_counts_;
  std::deque<Scratch> scratch_;  // one for each of the server's threads
  LineFigures figures_;
  std::mutex mutex_;
  std::vector<std::string> unknown_units_;  // that the log has; guarded by mutex_
};

}  // namespace temperature::doors
