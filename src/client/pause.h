#pragma once

#include "base/time.h"

namespace temperature::client {

// Waiting, handed in so that tests need not. Thread-safe.
class Pause {
 public:
  virtual ~Pause() = default;
  // Waits this long, or until somebody wants the program to end: then false, at once from then on.
  virtual bool wait(Duration duration) = 0;
  [[nodiscard]] virtual bool interrupted() const = 0;
};

// The real thing: SIGINT and SIGTERM interrupt it. A second one ends the process as usual.
// One at a time in a process; the handlers before it are put back in the destructor.
class SignalPause final : public Pause {
 public:
  SignalPause();
  ~SignalPause() override;
  SignalPause(const SignalPause&) = delete;
  SignalPause& operator=(const SignalPause&) = delete;

  bool wait(Duration duration) override;
  [[nodiscard]] bool interrupted() const override;
};

}  // namespace temperature::client
