#pragma once

namespace temperature {

// Of the calling thread, as `top -H` and profilers show it; what is longer than 15 bytes is cut off.
void name_thread(const char* name);

}  // namespace temperature
