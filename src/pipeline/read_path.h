#pragma once

#include "answer/answer.h"
#include "base/error.h"

namespace temperature::catalogue {
class Catalogue;
}
namespace temperature::history {
class History;
}
namespace temperature::window {
class Windows;
}

namespace temperature::pipeline {

// Answers queries from the windows and the history together. Thread-safe; an acknowledged reading is
// in every answer asked for after its acknowledgement.
class ReadPath {
 public:
  ReadPath(const catalogue::Catalogue& catalogue, const window::Windows& windows, const history::History& history);

  // Error room_unknown when no reading of the room was ever seen; history_failed.
  [[nodiscard]] Result<answer::Average> average(const answer::AverageQuery& query) const;

  // One page, in order of (timestamp, sensor). Errors as average().
  [[nodiscard]] Result<answer::ReadingsPage> readings(const answer::ReadingsQuery& query) const;

  // Error parameter_invalid when the cursor is not one of ours.
  [[nodiscard]] Result<answer::RoomsPage> rooms(const answer::RoomsQuery& query) const;
  [[nodiscard]] Result<answer::SensorsPage> sensors(const answer::SensorsQuery& query) const;

 private:
  const catalogue::Catalogue& catalogue_;
  const window::Windows& windows_;
  const history::History& history_;
};

}  // namespace temperature::pipeline
