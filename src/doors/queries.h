#pragma once

#include "doors/query_door.h"

namespace temperature::doors {

// GET /v1/average: at once where memory alone knows.
class AverageDoor final : public QueryDoor {
 public:
  using QueryDoor::QueryDoor;

 private:
  Result<Later> answer(const http::Query& query, http::Response& response) override;
};

// GET /v1/readings: a page as JSON, or all of a range as NDJSON or CSV, streamed.
class ReadingsQueryDoor final : public QueryDoor {
 public:
  using QueryDoor::QueryDoor;

 private:
  Result<Later> answer(const http::Query& query, http::Response& response) override;
};

// GET /v1/rooms
class RoomsDoor final : public QueryDoor {
 public:
  using QueryDoor::QueryDoor;

 private:
  Result<Later> answer(const http::Query& query, http::Response& response) override;
};

// GET /v1/sensors
class SensorsDoor final : public QueryDoor {
 public:
  using QueryDoor::QueryDoor;

 private:
  Result<Later> answer(const http::Query& query, http::Response& response) override;
};

}  // namespace temperature::doors
