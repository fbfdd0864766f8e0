#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/request_log.h"
#include "telemetry/log.h"

namespace temperature::limits {

// Bytes of a request's path in a line of the access log; the rest is cut off.
inline constexpr std::size_t kLoggedPathBytesMax = 256;

}  // namespace temperature::limits

namespace temperature::app {

// What the log says of requests: which failed, and the access log. No line has a header, a query or a body, for that is
// where credentials stand. Thread-safe.
class RequestLines final : public http::RequestLog {
 public:
  // `sampling`: of --access-log, see config::Settings. `log` outlives it.
  RequestLines(std::optional<std::uint64_t> sampling, const telemetry::Log& log)
      : sampling_(sampling.value_or(0)), log_(log) {}

  void failed(const http::AnsweredRequest& answered) override;
  void handshake_failed(std::string_view remote_address, std::string_view reason) override;
  // Each error, and of all others the first, and then one of so many.
  [[nodiscard]] bool wants(int status) override;
  void answered(const http::AnsweredRequest& answered) override;

 private:
  const std::uint64_t sampling_;  // 0: errors alone
  std::atomic<std::uint64_t> successes_{0};
  const telemetry::Log& log_;
};

// The path of a request that reached no route, or one of several resources below a route; empty for all others, whose
// route says it. Parts of it that look like a key or a token are left out.
std::string logged_path(const http::AnsweredRequest& answered);

}  // namespace temperature::app
