#include "app/serve.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>
#include <system_error>

#include "app/process.h"
#include "app/service.h"

namespace temperature::app {

int serve(const config::Settings& settings, const std::string& version) {
  std::string_view failed;
  try {
    Service service(settings, version);
    try {
      if (auto ran = service.run(); !ran) {
        fmt::print(stderr, "temperature-service: {}\n", ran.error().detail);
        return ran.error().code == ErrorCode::usage ? 2 : 1;
      }
      return 0;
    } catch (const std::bad_alloc&) {
      failed = kNoMemory;
    } catch (const std::system_error&) {
      failed = kNoThread;
    }
    // Threads may run: nothing is taken down. The files are as safe as after a kill.
    std::fprintf(stderr, "temperature-service: %s\n", failed.data());
    std::_Exit(1);
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "temperature-service: %s\n", kNoMemory);
  }
  return 1;
}

}  // namespace temperature::app
