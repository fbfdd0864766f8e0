#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace temperature::testing {

// Names of which all have one hash by libstdc++'s std::hash<std::string_view>: `prefix`, of a multiple of 8 bytes, and
// 16 bytes more, any but those that line protocol knows: they are no UTF-8. (MurmurHash64A with a seed that is known:
// its state is taken back from the end, so that the last 8 bytes follow from the 8 before. Aumasson and Bernstein,
// "SipHash: a fast short-input PRF", 2012.)
std::vector<std::string> colliding_names(std::size_t count, std::string_view prefix = {});

// As many names of the same lengths that are nothing special.
std::vector<std::string> ordinary_names(std::size_t count, std::string_view prefix = {});

inline std::chrono::nanoseconds computed_by_this_thread() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// The least time that this thread computed for it, of a few times: for comparing two ways of which one may take
// quadratic time. What else the machine does is not in it.
template <class Work>
std::chrono::nanoseconds least_time_of(Work&& work) {
  auto least = std::chrono::nanoseconds::max();
  for (int turn = 0; turn < 3; ++turn) {
    const auto began = computed_by_this_thread();
    work();
    least = std::min(least, computed_by_this_thread() - began);
  }
  return least;
}

}  // namespace temperature::testing
