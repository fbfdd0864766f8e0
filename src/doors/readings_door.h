#pragma once

#include <vector>

#include "http/message.h"
#include "ingest/csv.h"
#include "ingest/json.h"
#include "pipeline/write_path.h"
#include "telemetry/rejects.h"

namespace temperature::doors {

// POST /v1/readings: one object, an array, NDJSON, or CSV.
class ReadingsDoor final : public http::Door {
 public:
  // `threads` is the server's. The rest must outlive the door.
  ReadingsDoor(pipeline::WritePath& write_path, telemetry::Rejects& rejects, std::size_t threads)
      : write_path_(write_path), rejects_(rejects), scratch_(threads) {}
  void handle(http::Exchange& exchange) override;

 private:
  struct Scratch {
    ingest::JsonParser parser;
    ingest::Parsed parsed;
  };

  pipeline::WritePath& write_path_;
  telemetry::Rejects& rejects_;
  std::vector<Scratch> scratch_;  // one for each of the server's threads
};

}  // namespace temperature::doors
