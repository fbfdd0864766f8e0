#include "upkeep/verify.h"

#include <limits>

#include "catalogue/catalogue.h"

namespace temperature::upkeep {
namespace {

// Names what a damage covers.
Finding finding_of(const history::Damage& damage, const catalogue::Catalogue& catalogue) {
  Finding finding{damage.what, std::nullopt, damage.from, damage.to};
  if (!damage.series) return finding;
  if (damage.series->value() >= catalogue.series_count()) {
    finding.what += " (series " + std::to_string(damage.series->value()) + ")";
    return finding;
  }
  const catalogue::SeriesInfo series = catalogue.series(*damage.series);
  const catalogue::WindowInfo window = catalogue.window(series.place.window);
  finding.readings = {std::string(window.building), std::string(window.room), std::string(series.sensor),
                      std::string(window.quantity)};
  return finding;
}

}  // namespace

Verdict verify(const Folders& folders, Depth depth, const std::function<void(const Finding&)>& found,
               const std::function<void(const Verdict&)>& progress) {
  Verdict verdict;
  catalogue::Catalogue catalogue(std::numeric_limits<std::uint32_t>::max());
  const auto tell = [&](const Finding& finding) {
    ++verdict.findings;
    found(finding);
  };
  const auto damaged = [&](const history::Damage& damage) { tell(finding_of(damage, catalogue)); };

  const auto inspection = history::Inspection::open(folders.history);
  if (inspection) {
    verdict.safe = inspection->safe_position();
    inspection->read_definitions(catalogue, damaged);
    verdict.audit = inspection->verify_audit(damaged);
  } else {
    tell({inspection.error().detail});
  }
  verdict.journal = journal::verify(
      folders.journal, verdict.safe, catalogue, [&](const std::string& what) { tell({what}); },
      [&](const journal::Verified& so_far) {
        verdict.journal = so_far;
        progress(verdict);
      });
  verdict.series = catalogue.series_count();
  if (const auto inspected = access::RocksRegistry::inspect(folders.registry)) {
    verdict.registry = *inspected;
  } else {
    tell({inspected.error().detail});
  }
  if (!inspection || depth == Depth::quick) return verdict;
  verdict.history = inspection->verify(catalogue, damaged, [&](const history::Verified& so_far) {
    verdict.history = so_far;
    progress(verdict);
  });
  return verdict;
}

}  // namespace temperature::upkeep
