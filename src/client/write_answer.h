#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "client/http_client.h"

namespace temperature::client {

// One reading of a request that did not go in.
struct Refusal {
  std::size_t index = 0;  // in the request
  std::string reason;     // "timestamp_ahead: ...", or "stored 20.5, refused 20.6"

  bool operator==(const Refusal&) const = default;
};

// What became of the readings of one request. The counts add up to its readings;
// the lists hold as many as the service names (the first 100).
struct WriteAnswer {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t rejected = 0;
  std::optional<std::uint64_t> replaced = std::nullopt;  // of a request that asked for it
  std::vector<Refusal> rejections;
  std::vector<Refusal> conflicting;
};

// Reads the answer of POST /v1/readings to `sent` readings. An error when the service did not take the
// request as a whole, or answered something else than its interface says.
Result<WriteAnswer> read_write_answer(const HttpAnswer& answer, std::size_t sent);

}  // namespace temperature::client
