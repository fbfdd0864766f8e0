#pragma once

#include <optional>
#include <vector>

#include "catalogue/catalogue.h"
#include "model/deletion.h"
#include "model/ids.h"

namespace temperature::pipeline {

// What a scope covers of a window.
struct ScopedWindow {
  WindowId id;
  std::optional<Slot> slot;                   // when it is about one sensor
  std::vector<catalogue::SeriesInfo> series;  // at least one
};

// The windows and series that there are of a scope; none when nothing of it was ever seen.
std::vector<ScopedWindow> find_scope(const catalogue::Catalogue& catalogue, const Scope& scope);

}  // namespace temperature::pipeline
