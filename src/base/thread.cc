#include "base/thread.h"

#include <sys/prctl.h>

#include <thread>

namespace temperature {

void name_thread(const char* name) {
  prctl(PR_SET_NAME, name);
}

void make_way() {
  std::this_thread::yield();
}

}  // namespace temperature
