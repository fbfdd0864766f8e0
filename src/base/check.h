#pragma once

#include <cstdio>
#include <cstdlib>

// CHECK(condition): ends the process when the condition is false. For our own bugs only, on in
// release builds too; never for what a client, a disk or a network can cause.
#define CHECK(condition)                                                                  \
  do {                                                                                    \
    if (!(condition)) [[unlikely]] {                                                      \
      std::fprintf(stderr, "CHECK failed: %s (%s:%d)\n", #condition, __FILE__, __LINE__); \
      std::abort();                                                                       \
    }                                                                                     \
  } while (false)
