#pragma once

#include <array>
#include <span>
#include <string_view>

#include "doors/line_door.h"
#include "http/message.h"
#include "telemetry/rejects.h"

namespace temperature::doors {

// GET /v1/rejects: what was refused or passed over, the newest first; with group_by, how often.
class RejectsDoor final : public http::Door {
 public:
  // Both must outlive the door.
  RejectsDoor(const telemetry::Rejects& rejects, const LineDoor& lines) : rejects_(rejects), lines_(lines) {}
  void handle(http::Exchange& exchange) override;

 private:
  const telemetry::Rejects& rejects_;
  const LineDoor& lines_;
};

}  // namespace temperature::doors
