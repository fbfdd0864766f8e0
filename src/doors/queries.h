#pragma once

#include "access/registry.h"
#include "doors/query_door.h"

namespace temperature::doors {

// GET /v1/average: at once where memory alone knows.
class AverageDoor final : public QueryDoor {
 public:
  using QueryDoor::QueryDoor;

 private:
  Result<Later> answer(const http::Query& query, const access::Principal& principal, http::Response& response) override;
};

// GET /v1/readings: a page as JSON, or all of a range as NDJSON or CSV, streamed.
class ReadingsQueryDoor final : public QueryDoor {
 public:
  using QueryDoor::QueryDoor;

 private:
  Result<Later> answer(const http::Query& query, const access::Principal& principal, http::Response& response) override;
};

// GET /v1/rooms
class RoomsDoor final : public QueryDoor {
 public:
  using QueryDoor::QueryDoor;

 private:
  Result<Later> answer(const http::Query& query, const access::Principal& principal, http::Response& response) override;
};

// GET /v1/sensors: those whose readings came in; with registered=true those that an administrator registered.
class SensorsDoor final : public QueryDoor {
 public:
  // `registry` outlives the door.
  SensorsDoor(Reading reading, const access::Registry& registry) : QueryDoor(std::move(reading)), registry_(registry) {}

 private:
  Result<Later> answer(const http::Query& query, const access::Principal& principal, http::Response& response) override;

  const access::Registry& registry_;
};

}  // namespace temperature::doors
