#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "http/message.h"
#include "model/deletion.h"
#include "pipeline/pipeline.h"
#include "telemetry/log.h"

namespace temperature::doors {

// Reads what InfluxDB's clients have to say which readings go: name="value" joined by AND. A room must be named;
// building and sensor may be, and _measurement, which is the quantity. Error parameter_invalid: anything else.
Result<Scope> read_predicate(std::string_view text, std::string_view default_building);

// POST /api/v2/delete, as InfluxDB 2 has it: {"start","stop","predicate"}; 204. Organisations and buckets are not
// looked at: there are none. The query's `reason` says why, which InfluxDB has no word for.
class InfluxDeleteDoor final : public http::Door {
 public:
  // All outlive the door.
  InfluxDeleteDoor(pipeline::Pipeline& pipeline, const Clock& clock, const std::string& default_building,
                   bool require_reasons, const telemetry::Log& log)
      : pipeline_(pipeline),
        clock_(clock),
        default_building_(default_building),
        require_reasons_(require_reasons),
        log_(log) {}
  void handle(http::Exchange& exchange) override;

 private:
  [[nodiscard]] Result<Deletion> read(const http::Request& request) const;

  pipeline::Pipeline& pipeline_;
  const Clock& clock_;
  const std::string& default_building_;
  const bool require_reasons_;
  const telemetry::Log& log_;
};

}  // namespace temperature::doors
