#include "app/write_watch.h"

#include <utility>

namespace temperature::app {

void WriteWatch::look(const std::optional<Error>& refused) {
  const bool now = refused && refused->code == ErrorCode::overloaded;
  if (std::exchange(refused_, now) == now) return;
  if (now) {
    log_.warn("writes are refused", {{"reason", refused->detail}});
  } else {
    log_.note("the service is not overloaded any more");
  }
}

}  // namespace temperature::app
