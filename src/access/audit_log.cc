#include "access/audit_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/json_text.h"

namespace temperature::access {
namespace {

// Whether a crash or a full disk left the last line without its end.
bool ends_within_a_line(int descriptor) {
  struct stat status{};
  char last = '\n';
  if (::fstat(descriptor, &status) != 0 || status.st_size == 0) return false;
  return ::pread(descriptor, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

}  // namespace

std::string AuditLog::line_of(const Entry& entry) {
  std::string line = R"({"time":")";
  append_timestamp(line, entry.time);
  const auto member = [&line](std::string_view name, std::string_view value) {
    line += name;
    append_json_string(line, value);
  };
  member(R"(","actor":)", entry.actor);
  member(R"(,"action":)", entry.action);
  member(R"(,"subject":)", entry.subject);
  if (!entry.detail.empty()) line += fmt::format(R"(,"detail":{})", entry.detail);
  line += "}\n";
  return line;
}

Result<void> AuditLog::append(const Entry& entry) {
  std::string line = line_of(entry);
  const int descriptor = ::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  int reason = errno;
  bool written = descriptor >= 0;
  if (written) {
    const std::scoped_lock lock(mutex_);
    if (ends_within_a_line(descriptor)) line.insert(0, "\n");
    written = ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    reason = errno;
  }
  // Outside of the lock: what several wait for is synced together.
  if (written && ::fsync(descriptor) != 0) {
    written = false;
    reason = errno;
  }
  if (descriptor >= 0) ::close(descriptor);
  if (written) return {};
  return failure(ErrorCode::registry_failed,
                 fmt::format("cannot write the audit log {}: {}", file_.string(), std::strerror(reason)));
}

}  // namespace temperature::access
