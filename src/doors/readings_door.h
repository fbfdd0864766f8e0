#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "http/message.h"
#include "ingest/csv.h"
#include "ingest/json.h"
#include "model/unknown_fields.h"
#include "pipeline/write_path.h"
#include "telemetry/rejects.h"

namespace temperature::doors {

// POST /v1/readings: one object, an array, NDJSON, or CSV.
class ReadingsDoor final : public http::Door {
 public:
  // `threads` is the server's. The rest must outlive the door.
  ReadingsDoor(pipeline::WritePath& write_path, telemetry::Rejects& rejects, UnknownFields unknown_fields,
               std::size_t threads)
      : write_path_(write_path), rejects_(rejects), unknown_fields_(unknown_fields) {
    for (std::size_t i = 0; i < threads; ++i) scratch_.emplace_back(std::in_place, unknown_fields);
  }
  void handle(http::Exchange& exchange) override;

 private:
  struct Scratch {
    explicit Scratch(UnknownFields unknown_fields) : parser(unknown_fields) {}
    ingest::JsonParser parser;
    ingest::Parsed parsed;
  };

  pipeline::WritePath& write_path_;
  telemetry::Rejects& rejects_;
  UnknownFields unknown_fields_;
  std::deque<std::optional<Scratch>> scratch_;  // one for each of the server's threads
};

}  // namespace temperature::doors
