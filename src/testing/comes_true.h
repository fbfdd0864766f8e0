#pragma once

#include <chrono>
#include <thread>

namespace temperature::testing {

// Waits for what another thread does; the bound only ends a test that would never end.
template <class Condition>
bool comes_true(Condition condition) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > patience) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace temperature::testing
