#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace temperature::access {

// Who changed what: one JSON object a line, only ever appended, each line synced before the change it tells of takes
// effect (but for revocations, see Administration). The file is opened for each line (changes are rare), so that it can
// be moved away at any time. Thread-safe.
class AuditLog {
 public:
  explicit AuditLog(std::filesystem::path file) : file_(std::move(file)) {}

  struct Entry {
    Timestamp time;
    std::string_view actor;  // the credential's name
    std::string_view
        action;  // "sensor.put", "sensor.remove", "key.make", "key.remove"; with ".failed" behind: it was not
    std::string_view subject;  // the id
    std::string_view detail;   // a JSON object; empty: none
  };
  // The entry as its line, with the line's end.
  static std::string line_of(const Entry& entry);

  // Error registry_failed: the line may be there in part; the next one begins on a line of its own.
  Result<void> append(const Entry& entry);

 private:
  std::filesystem::path file_;
  std::mutex mutex_;
};

}  // namespace temperature::access
