#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/time.h"
#include "model/ids.h"
#include "model/reading.h"

// The stages of a reading as types: only accepting makes an Accepted, only a journal makes a
// Journalled, and the windows take nothing else. "Applied before durable" does not compile.
namespace temperature {

namespace accept {
class Acceptor;
}

// Where a batch came from.
struct Origin {
  Timestamp received;  // assigned once, at admission
  std::string sender;  // the credential's name; at most limits::kSenderBytesMax bytes
};

// A batch of readings that passed every check, with series known to the catalogue.
class Accepted {
 public:
  Accepted(Accepted&&) = default;
  Accepted& operator=(Accepted&&) = default;
  Accepted(const Accepted&) = delete;
  Accepted& operator=(const Accepted&) = delete;
  ~Accepted() = default;

  [[nodiscard]] const Origin& origin() const { return origin_; }
  [[nodiscard]] const ReadingColumns& readings() const { return readings_; }

  // How many entries of the catalogue's definition log must be durable before these readings.
  [[nodiscard]] std::uint64_t definitions() const { return definitions_; }

  // Gives the readings' memory away, to be filled again.
  [[nodiscard]] ReadingColumns release() && { return std::move(readings_); }

 private:
  friend class accept::Acceptor;
  Accepted(Origin origin, ReadingColumns readings, std::uint64_t definitions)
      : origin_(std::move(origin)), readings_(std::move(readings)), definitions_(definitions) {}

  Origin origin_;
  ReadingColumns readings_;
  std::uint64_t definitions_;
};

namespace journal {
class Stamp;  // made by journals alone
}

// A batch that is durable, at its place in the journal. A view: valid during delivery only.
class Journalled {
 public:
  Journalled(const journal::Stamp&, Position position, const Origin& origin, const ReadingColumns& readings)
      : position_(position), origin_(&origin), readings_(&readings) {}

  [[nodiscard]] Position position() const { return position_; }
  [[nodiscard]] const Origin& origin() const { return *origin_; }
  [[nodiscard]] const ReadingColumns& readings() const { return *readings_; }

 private:
  Position position_;
  const Origin* origin_;
  const ReadingColumns* readings_;
};

}  // namespace temperature
