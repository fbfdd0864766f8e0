#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/sizes.h"

namespace temperature::limits {

// Bytes of a commit group that waits for further batches; a larger one is committed at once.
inline constexpr std::size_t kGroupWaitBytesMax = 8 * kKiB;
// How long a commit group waits, in milliseconds, for the senders that were answered last; then it is committed.
inline constexpr std::chrono::milliseconds kGroupWaitMax{1};

}  // namespace temperature::limits

namespace temperature::journal {

// For how many batches a commit group waits, and how long. A sync costs the same for one batch as for
// hundreds, and whoever was answered with the last group is likely to send again at once: a group that
// goes as soon as the disk is free is often a single early batch, and all the others wait for its sync.
// So a group waits for three of four of those who were in the last one or wait already: the rest come while
// the disk works, and no thread idles; after a single batch, for none but itself. Whoever does not come back
// costs the others at most three commits' time.
// Pure: the journal's writer measures and waits.
class GroupWait {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  void committed(std::size_t batches, Nanoseconds took) {
    last_batches_ = batches;
    last_took_ = took;
  }

  // `waiting`: batches that came while the last group was committed.
  [[nodiscard]] std::size_t batches(std::size_t waiting) const {
    const std::size_t expected = last_batches_ + waiting;
    return expected - expected / 4;
  }

  // Large batches gain nothing from a shared sync.
  [[nodiscard]] static bool is_large(std::size_t bytes) { return bytes >= limits::kGroupWaitBytesMax; }

  [[nodiscard]] Nanoseconds at_most() const { return std::min<Nanoseconds>(3 * last_took_, limits::kGroupWaitMax); }

 private:
  std::size_t last_batches_ = 0;
  Nanoseconds last_took_{0};
};

}  // namespace temperature::journal
