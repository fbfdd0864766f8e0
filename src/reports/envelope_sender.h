#pragma once

#include <chrono>
#include <string>

namespace temperature::reports {

// What became of an envelope.
struct SendAnswer {
  int status = 0;           // of HTTP; 0: there was no answer
  std::string failure;      // why there was none
  std::string rate_limits;  // X-Sentry-Rate-Limits; empty: none
  std::string retry_after;  // Retry-After; empty: none
};

// Brings envelopes to a server.
class EnvelopeSender {
 public:
  virtual ~EnvelopeSender() = default;

  // Once, within a bounded time. From one thread.
  virtual SendAnswer send(const std::string& envelope) = 0;

  // What is under way or begins later is given up then. From any thread.
  virtual void give_up_at(std::chrono::steady_clock::time_point moment) = 0;
};

}  // namespace temperature::reports
