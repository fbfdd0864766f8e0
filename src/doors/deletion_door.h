#pragma once

#include <string>

#include "base/clock.h"
#include "doors/query_door.h"
#include "http/message.h"
#include "http/query.h"
#include "pipeline/pipeline.h"
#include "telemetry/log.h"

namespace temperature::doors {

// How an address words what became of a deletion.
using DeletionWords = void (*)(http::Response& response, const Result<pipeline::DeletionOutcome>& outcome);

// Whether who asks may delete this, and whether anything of its room was ever seen; its names become those that are
// known. Errors: forbidden_building, recovering, parameter_invalid, room_unknown.
Result<void> check_deletion(const pipeline::Pipeline& pipeline, const access::Principal& principal, Deletion& deletion);

// The parameter `reason`; where it is `required` there must be one. Error parameter_invalid.
Result<std::string> reason_of(const http::Query& query, bool required);

// Has it done, words what became of it, and finishes the exchange. All outlive that.
void answer_deletion(pipeline::Pipeline& pipeline, Deletion deletion, http::Exchange& exchange,
                     const telemetry::Log& log, DeletionWords words);

// DELETE /v1/readings: takes away for good what a room, or a sensor or quantity of it, has in a stretch of time; with
// dry_run=true it only counts. It is answered when it is durable, in every answer, and counted; with purge=true when no
// file has it any more, or after limits::kPurgeAnswerWait, saying what that waits for.
class DeletionDoor final : public http::Door {
 public:
  // All outlive the door.
  DeletionDoor(pipeline::Pipeline& pipeline, const Clock& clock, const std::string& default_building,
               bool require_reasons, Readers& readers, const telemetry::Log& log)
      : pipeline_(pipeline),
        clock_(clock),
        default_building_(default_building),
        require_reasons_(require_reasons),
        readers_(readers),
        log_(log) {}
  void handle(http::Exchange& exchange) override;

 private:
  struct Asked {
    Deletion deletion;
    bool dry_run = false;
  };
  [[nodiscard]] Result<Asked> read(const http::Request& request) const;

  pipeline::Pipeline& pipeline_;
  const Clock& clock_;
  const std::string& default_building_;
  const bool require_reasons_;
  Readers& readers_;
  const telemetry::Log& log_;
};

}  // namespace temperature::doors
