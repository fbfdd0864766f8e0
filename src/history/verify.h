#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "audit/entry.h"
#include "base/error.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "model/ids.h"

// Looks at every byte of a history, and changes nothing.
namespace temperature::history {

struct Damage {
  std::string what;
  // What it covers: readings of `series` with from <= timestamp < to. Without a series: of all of them, or of none.
  std::optional<SeriesId> series = std::nullopt;
  Timestamp from = kTimestampMin;
  Timestamp to = kTimestampMax;
};

struct Verified {
  std::uint64_t files = 0;
  std::uint64_t volumes = 0;
  std::uint64_t chunks = 0;
  std::uint64_t readings = 0;    // repeats in overlapping chunks included, and those that tombstones take
  std::uint64_t tombstones = 0;  // of deletions whose readings merges have not taken out yet
};

// A history that is not in use, opened to be looked at.
class Inspection {
 public:
  // Error history_failed: it cannot even be opened.
  static Result<Inspection> open(const std::filesystem::path& folder);
  Inspection(Inspection&&) noexcept;
  Inspection& operator=(Inspection&&) = delete;
  ~Inspection();

  [[nodiscard]] Position safe_position() const;

  // Brings what the history defines into the catalogue; tells of what is missing or damaged.
  void read_definitions(catalogue::Catalogue& catalogue, const std::function<void(const Damage&)>& damaged) const;

  // Holds the audit's chain against its hashes, and tells of the first entry that does not fit. Returns the end of the
  // chain as its entries have it.
  audit::Head verify_audit(const std::function<void(const Damage&)>& damaged) const;

  // Everything else but the audit: each table's checksums, each chunk, its order, its frames against its readings, each
  // key against the times below it, extents. Goes on behind damage. `catalogue`: all series that there may be.
  // `progress` is called now and then.
  Verified verify(const catalogue::Catalogue& catalogue, const std::function<void(const Damage&)>& damaged,
                  const std::function<void(const Verified&)>& progress) const;

 private:
  struct Parts;
  explicit Inspection(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace temperature::history
