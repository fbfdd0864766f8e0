#include "upkeep/names.h"

#include <fmt/format.h>

#include <limits>
#include <optional>

#include "catalogue/catalogue.h"

namespace temperature::upkeep {
namespace {

std::unexpected<Error> damaged(const std::string& what) {
  return failure(ErrorCode::startup,
                 fmt::format("the names cannot all be read: {}; temperature-service verify says more", what));
}

void add_series(const catalogue::Catalogue& catalogue, NameCheck& check) {
  for (std::size_t i = 0; i < catalogue.series_count(); ++i) {
    const catalogue::SeriesInfo series = catalogue.series(SeriesId(static_cast<std::uint32_t>(i)));
    const catalogue::WindowInfo window = catalogue.window(series.place.window);
    check.add_series(window.building, window.room, series.sensor, window.quantity);
  }
}

}  // namespace

Result<NameCheck> read_names(const Folders& folders) {
  catalogue::Catalogue catalogue(std::numeric_limits<std::uint32_t>::max());
  std::optional<std::string> fault;
  const auto inspection = history::Inspection::open(folders.history);
  if (!inspection) return damaged(inspection.error().detail);
  inspection->read_definitions(catalogue, [&](const history::Damage& damage) { fault = damage.what; });
  journal::verify(
      folders.journal, inspection->safe_position(), catalogue, [&](const std::string& what) { fault = what; },
      [](const journal::Verified&) {});
  if (fault) return damaged(*fault);
  NameCheck check;
  add_series(catalogue, check);
  const auto inspected =
      access::RocksRegistry::inspect(folders.registry, {.sensor =
                                                            [&](const access::Sensor& sensor) {
                                                              check.add_registered_sensor(sensor.id);
                                                              check.add_building(sensor.building);
                                                              if (!sensor.building.empty())
                                                                check.add_room(sensor.building, sensor.room);
                                                              for (const auto& quantity : sensor.quantities)
                                                                check.add_quantity(quantity);
                                                            },
                                                        .key =
                                                            [&](const access::ApiKey& key) {
                                                              for (const auto& building : key.buildings)
                                                                check.add_building(building);
                                                            }});
  if (!inspected) return damaged(inspected.error().detail);
  return check;
}

}  // namespace temperature::upkeep
