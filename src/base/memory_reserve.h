#pragma once

#include <cstddef>

#include "base/sizes.h"

namespace temperature::limits {

// Bytes that are kept for when there is no more memory: what has begun is finished with them.
inline constexpr std::size_t kMemoryReserveBytes = 32 * kMiB;

}  // namespace temperature::limits

namespace temperature {

// What happens when operator new finds no memory. A thread that may run out (MayRunOut) gets std::bad_alloc at once,
// and refuses what it was asked. Any other one is needed to end what has begun, and gets the reserve; while that is
// gone memory is short, and nothing new is begun. Address space alone until then. Of the whole process; thread-safe.
class MemoryReserve {
 public:
  // Once, at the start. Without the room for it there is none.
  static void install();

  // Whether the reserve was needed and is gone. Wait-free.
  [[nodiscard]] static bool is_short();
  // Tries to have it again. Not on two threads at once.
  static void refill();

  // For those who take memory from elsewhere than operator new, and found none: true when it is worth another try.
  [[nodiscard]] static bool give();
};

// While it lives, its thread gets std::bad_alloc when there is no memory, and leaves the reserve to others.
class MayRunOut {
 public:
  MayRunOut();
  ~MayRunOut();
  MayRunOut(const MayRunOut&) = delete;
  MayRunOut& operator=(const MayRunOut&) = delete;

 private:
  bool before_;
};

// The opposite, for a step within that must not stop half way.
class MustNotRunOut {
 public:
  MustNotRunOut();
  ~MustNotRunOut();
  MustNotRunOut(const MustNotRunOut&) = delete;
  MustNotRunOut& operator=(const MustNotRunOut&) = delete;

 private:
  bool before_;
};

}  // namespace temperature
