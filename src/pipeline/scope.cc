#include "pipeline/scope.h"

namespace temperature::pipeline {

std::vector<ScopedWindow> find_scope(const catalogue::Catalogue& catalogue, const Scope& scope) {
  std::vector<WindowId> windows;
  if (scope.quantity) {
    if (const auto window = catalogue.find_window(scope.building, scope.room, *scope.quantity)) windows = {*window};
  } else {
    windows = catalogue.room_windows(scope.building, scope.room);
  }
  std::vector<ScopedWindow> found;
  for (const WindowId window : windows) {
    if (!scope.sensor) {
      found.push_back({window, std::nullopt, catalogue.window_series(window)});
    } else if (const auto series = catalogue.find_sensor(window, *scope.sensor)) {
      found.push_back({window, series->place.slot, {*series}});
    }
  }
  return found;
}

}  // namespace temperature::pipeline
