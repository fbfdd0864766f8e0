#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client/outgoing_reading.h"

namespace temperature::client {

// Readings that are sent in one request, as the JSON array that POST /v1/readings takes.
class Batch {
 public:
  // `origin` says where the reading came from: a line of a file, or its number in a simulation.
  void add(const OutgoingReading& reading, std::uint64_t origin);

  [[nodiscard]] std::size_t size() const { return origins_.size(); }
  [[nodiscard]] bool empty() const { return origins_.empty(); }
  [[nodiscard]] const std::string& json() const { return json_; }
  [[nodiscard]] std::uint64_t origin(std::size_t index) const { return origins_[index]; }

 private:
  std::string json_ = "[]";
  std::vector<std::uint64_t> origins_;
};

}  // namespace temperature::client
