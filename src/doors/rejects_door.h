#pragma once

#include <array>
#include <span>
#include <string_view>

#include "doors/line_door.h"
#include "doors/readers.h"
#include "http/message.h"
#include "telemetry/rejects.h"

namespace temperature::doors {

// GET /v1/rejects: what was refused or passed over, the newest first; with group_by, how often.
class RejectsDoor final : public http::Door {
 public:
  // All must outlive the door. What is counted is copied and sorted on a thread of `readers`.
  RejectsDoor(const telemetry::Rejects& rejects, const LineDoor& lines, Readers& readers)
      : rejects_(rejects), lines_(lines), readers_(readers) {}
  void handle(http::Exchange& exchange) override;

 private:
  const telemetry::Rejects& rejects_;
  const LineDoor& lines_;
  Readers& readers_;
};

}  // namespace temperature::doors
