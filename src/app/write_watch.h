#pragma once

#include <optional>

#include "base/error.h"
#include "telemetry/log.h"

namespace temperature::app {

// Says in the log when writes are refused because the service has too much to do, and when they are taken again. What
// else they are refused for is said by who finds it: the disk watch (disk_full, data_folder_lost), the journal. From
// one thread.
class WriteWatch {
 public:
  // `log` outlives it.
  explicit WriteWatch(const telemetry::Log& log) : log_(log) {}

  // Why writes are refused now, if they are.
  void look(const std::optional<Error>& refused);

 private:
  const telemetry::Log& log_;
  bool refused_ = false;
};

}  // namespace temperature::app
