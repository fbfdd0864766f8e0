#pragma once

namespace temperature {

// Of the calling thread, as `top -H` and profilers show it; what is longer than 15 bytes is cut off.
void name_thread(const char* name);

// A thread in the background calls it between steps of some 100 us: whoever waits for a processor gets it. Left alone,
// the scheduler has others wait for milliseconds until such a thread's turn is over. Hardly costs anything when nobody
// waits.
void make_way();

}  // namespace temperature
