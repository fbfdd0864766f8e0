#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "answer/answer.h"
#include "doors/query_door.h"
#include "http/message.h"
#include "pipeline/write_path.h"
#include "telemetry/rejects.h"

// The two doors of the original service: its fields, statuses and error shapes, which are FastAPI's.
namespace temperature::doors {

// POST /temperatures
class TemperaturesDoor final : public http::Door {
 public:
  // `threads` is the server's. The rest must outlive the door.
  TemperaturesDoor(pipeline::WritePath& write_path, telemetry::Rejects& rejects, std::size_t threads);
  ~TemperaturesDoor() override;
  void handle(http::Exchange& exchange) override;

 private:
  struct Scratch;

  pipeline::WritePath& write_path_;
  telemetry::Rejects& rejects_;
  std::vector<std::unique_ptr<Scratch>> scratch_;  // one for each of the server's threads
};

// GET /temperatures/average
class TemperatureAverageDoor final : public http::Door {
 public:
  explicit TemperatureAverageDoor(Reading reading) : reading_(std::move(reading)) {}
  void handle(http::Exchange& exchange) override;

 private:
  // What is asked for; nullopt when the response tells what is wrong with the question.
  [[nodiscard]] std::optional<answer::AverageQuery> question(const http::Exchange& exchange,
                                                             http::Response& response) const;

  Reading reading_;
};

}  // namespace temperature::doors
