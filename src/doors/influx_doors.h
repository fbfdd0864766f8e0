#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "pipeline/pipeline.h"

// What InfluxDB's clients ask before they write.
namespace temperature::doors {

// GET /ping: 204, with the version in a header.
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
