#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/time.h"
#include "model/ids.h"
#include "model/stages.h"

namespace temperature::limits {

// Bytes of the reason that somebody gives for a judgement, a deletion for one; more are refused (parameter_invalid).
inline constexpr std::size_t kReasonBytesMax = 1'024;

}  // namespace temperature::limits

namespace temperature {

// Whose readings a judgement is about: those of a room, or of one sensor or quantity of it.
struct Scope {
  std::string building;
  std::string room;
  std::optional<std::string> sensor = std::nullopt;
  std::optional<std::string> quantity = std::nullopt;

  bool operator==(const Scope&) const = default;
};

// Somebody's judgement that readings are to go for good: those of the scope with from <= timestamp < to that came
// before it. Their places are free again.
struct Deletion {
  Origin origin;  // when it was received, and whose it is
  Scope scope;
  Timestamp from;
  Timestamp to;
  std::string reason = {};  // at most limits::kReasonBytesMax bytes
  bool purge = false;       // the bytes go at once, not with the next merges

  [[nodiscard]] bool covers(Timestamp timestamp) const { return timestamp >= from && timestamp < to; }
};

// A deletion that is durable, at its place in the journal. A view: valid during delivery only.
class JournalledDeletion {
 public:
  JournalledDeletion(const journal::Stamp&, Position position, const Deletion& deletion)
      : position_(position), deletion_(&deletion) {}

  [[nodiscard]] Position position() const { return position_; }
  [[nodiscard]] const Deletion& deletion() const { return *deletion_; }

 private:
  Position position_;
  const Deletion* deletion_;
};

}  // namespace temperature
