#pragma once

#include <cstdint>
#include <string>

#include "model/ids.h"
#include "model/stages.h"

namespace temperature {

// What becomes of a reading whose place, its series and timestamp, holds another value.
enum class OnConflict : std::uint8_t {
  keep,     // the value that is stored stays, and the reading is refused
  replace,  // the reading takes its place
};

// A batch that is durable, at its place in the journal, whose readings take the places of those that stand there; of
// several for one place the last. A view: valid during delivery only.
class JournalledCorrection {
 public:
  // The reason must outlive it: at most limits::kReasonBytesMax bytes.
  JournalledCorrection(const Journalled& batch, const std::string& reason) : batch_(batch), reason_(&reason) {}

  [[nodiscard]] Position position() const { return batch_.position(); }
  [[nodiscard]] const Journalled& batch() const { return batch_; }
  [[nodiscard]] const std::string& reason() const { return *reason_; }

 private:
  Journalled batch_;
  const std::string* reason_;
};

}  // namespace temperature
