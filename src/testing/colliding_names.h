#pragma once

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

// The least time that it took, of a few times: for comparing two ways of which one may take quadratic time.
template <class Work>
std::chrono::nanoseconds least_time_of(Work&& work) {
  auto least = std::chrono::nanoseconds::max();
  for (int turn = 0; turn < 3; ++turn) {
    const auto began = std::chrono::steady_clock::now();
    work();
    least = std::min<std::chrono::nanoseconds>(least, std::chrono::steady_clock::now() - began);
  }
  return least;
}

}  // namespace temperature::testing
