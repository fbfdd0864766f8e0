#pragma once

#include <cstddef>

#include "base/sizes.h"

namespace temperature::limits {

// Bytes of the stack on which handlers of signals run, of each thread; memory is taken when one runs.
inline constexpr std::size_t kSignalStackBytes = 64 * kKiB;

}  // namespace temperature::limits

namespace temperature {

// Of the calling thread, as `top -H` and profilers show it; what is longer than 15 bytes is cut off. It gets a stack
// for signals, too (use_signal_stack()).
void name_thread(const char* name);

// Gives the calling thread, unless it has one, a stack on which handlers of signals run that ask for it (SA_ONSTACK),
// so that one runs also when the thread's own is used up. It is gone with the thread. Without memory for it there is
// none.
void use_signal_stack();

// A thread in the background calls it between steps of some 100 us: whoever waits for a processor gets it. Left alone,
// the scheduler has others wait for milliseconds until such a thread's turn is over. Hardly costs anything when nobody
// waits.
void make_way();

}  // namespace temperature
