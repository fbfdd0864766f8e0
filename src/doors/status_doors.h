#pragma once

#include <string>
#include <utility>

#include "http/message.h"
#include "mirror/mirror.h"
#include "pipeline/pipeline.h"

// What those ask who run the service.
namespace temperature::doors {

// GET /livez: the process answers.
class LivezDoor final : public http::Door {
 public:
  void handle(http::Exchange& exchange) override;
};

// GET /readyz: 503 in recovery (with its progress) and shutdown; ?for=writes also when writes are refused.
class ReadyzDoor final : public http::Door {
 public:
  explicit ReadyzDoor(const pipeline::Pipeline& pipeline) : pipeline_(pipeline) {}
  void handle(http::Exchange& exchange) override;

 private:
  const pipeline::Pipeline& pipeline_;
};

// GET /healthz: the state in words; 200 while reads are answered.
class HealthzDoor final : public http::Door {
 public:
  // Both outlive the door. `mirror`: nullptr when there is none.
  HealthzDoor(const pipeline::Pipeline& pipeline, const mirror::Mirror* mirror, std::string version)
      : pipeline_(pipeline), mirror_(mirror), version_(std::move(version)) {}
  void handle(http::Exchange& exchange) override;

 private:
  const pipeline::Pipeline& pipeline_;
  const mirror::Mirror* mirror_;
  std::string version_;
};

}  // namespace temperature::doors
