#pragma once

#include "http/message.h"
#include "telemetry/rejects.h"

namespace temperature::doors {

// GET /v1/rejects: what was refused, the newest first.
class RejectsDoor final : public http::Door {
 public:
  explicit RejectsDoor(const telemetry::Rejects& rejects) : rejects_(rejects) {}
  void handle(http::Exchange& exchange) override;

 private:
  const telemetry::Rejects& rejects_;
};

}  // namespace temperature::doors
