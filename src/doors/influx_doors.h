#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/message.h"
#include "pipeline/pipeline.h"

// What InfluxDB's clients ask before they write.
namespace temperature::doors {

// GET /ping: 204, with the version in a header. With `verbose` (anything but false, 0 and nothing) 200 and the version
// as JSON too, as InfluxDB 1 does: clients that look for a 200 never write without it. Other parameters, such as u and
// p, are not looked at.
class InfluxPingDoor final : public http::Door {
 public:
  explicit InfluxPingDoor(const std::string& version) : version_("1.8 (temperature-service " + version + ")") {}
  void handle(http::Exchange& exchange) override;

 private:
  std::string version_;
};

// GET /health: InfluxDB 2's words for whether writes are taken.
class InfluxHealthDoor final : public http::Door {
 public:
  InfluxHealthDoor(const pipeline::Pipeline& pipeline, std::string version)
      : pipeline_(pipeline), version_(std::move(version)) {}
  void handle(http::Exchange& exchange) override;

 private:
  const pipeline::Pipeline& pipeline_;
  std::string version_;
};

// GET /ready: InfluxDB 2's words for since when it serves; 503 while it does not.
class InfluxReadyDoor final : public http::Door {
 public:
  // Both must outlive the door.
  InfluxReadyDoor(const pipeline::Pipeline& pipeline, const Clock& clock)
      : pipeline_(pipeline), clock_(clock), started_(clock.now()) {}
  void handle(http::Exchange& exchange) override;

 private:
  const pipeline::Pipeline& pipeline_;
  const Clock& clock_;
  const Timestamp started_;
};

// GET /api/v2/orgs and GET /api/v2/buckets: the one that is asked for by name, for writes to every name are taken; or
// one that is named "temperature". There are none in truth, and nothing can be done with their ids.
class InfluxNamesDoor final : public http::Door {
 public:
  void handle(http::Exchange& exchange) override;
};

// POST /api/v2/query: Flux is refused, and the refusal says what to ask instead.
class InfluxFluxDoor final : public http::Door {
 public:
  void handle(http::Exchange& exchange) override;
};

// GET and POST /query: of InfluxQL, CREATE DATABASE and SHOW DATABASES. There are no databases here: one that was
// created is only shown, and forgotten when the process ends.
class InfluxQueryDoor final : public http::Door {
 public:
  void handle(http::Exchange& exchange) override;

 private:
  void answer(const http::Request& request, http::Response& response);
  Result<std::string> run(std::string_view statement);

  std::mutex mutex_;
  std::vector<std::string> databases_{"temperature"};
};

}  // namespace temperature::doors
