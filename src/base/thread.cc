#include "base/thread.h"

#include <sys/prctl.h>

namespace temperature {

void name_thread(const char* name) {
  prctl(PR_SET_NAME, name);
}

}  // namespace temperature
