#pragma once

#include <vector>

#include "http/message.h"
#include "ingest/json.h"
#include "pipeline/write_path.h"

namespace temperature::doors {

// POST /v1/readings: one object, an array, or NDJSON.
class ReadingsDoor final : public http::Door {
 public:
  // `threads` is the server's. The write path must outlive the door.
  ReadingsDoor(pipeline::WritePath& write_path, std::size_t threads) : write_path_(write_path), scratch_(threads) {}
  void handle(http::Exchange& exchange) override;

 private:
  struct Scratch {
    ingest::JsonParser parser;
    ingest::Parsed parsed;
  };

  pipeline::WritePath& write_path_;
  std::vector<Scratch> scratch_;  // one for each of the server's threads
};

}  // namespace temperature::doors
