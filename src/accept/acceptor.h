#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "ingest/raw_reading.h"
#include "model/permit.h"
#include "model/reading_rules.h"
#include "model/retention.h"
#include "model/stages.h"
#include "model/unit.h"
#include "model/value_ranges.h"

namespace temperature::accept {

struct AcceptorOptions {
  Duration max_ahead = std::chrono::minutes(10);  // how far a timestamp may lie in the future
  Retention retention{};                          // how old a reading may be
  std::string default_building = "default";
  ReadingRules reading_rules = ReadingRules::current;
  ValueRanges ranges{};
  const Clock* retention_clock = nullptr;  // what the retention counts by; nullptr: the time received
  // Called where a limit on names refuses a series: has those leave that have no readings any more. False: nothing is
  // different since the last time, so there is no use in trying again. Any thread; may be empty.
  std::function<bool()> make_room = {};
};

// What became of a parser's readings.
struct Admission {
  std::optional<Accepted> batch;           // absent when no reading is admissible
  std::vector<std::uint32_t> indices;      // of the batch's rows: their places in the request
  std::vector<ingest::Rejected> rejected;  // the parser's and ours; the first limits::kDetailsListedMax
  std::uint64_t rejected_count = 0;
  ingest::CountByCode rejected_by_code{};
};

// Memory that an earlier batch has left: filled again, it costs no allocation. What is in it is forgotten.
struct Memory {
  ReadingColumns readings;
  std::vector<std::uint32_t> indices;
};

// Checks readings and finds their series, defining those that are new. Thread-safe.
class Acceptor {
 public:
  Acceptor(AcceptorOptions options, catalogue::Catalogue& catalogue);

  // `now` becomes the time received, and the timestamp of readings that have none. Never stops a
  // neighbour's good readings: a faulty one is in `rejected`, with the reason and the field's name; so is one that
  // `permit` does not allow (nullptr allows everything). Once parsed.stopping is set there may be no batch.
  [[nodiscard]] Admission accept(const ingest::Parsed& parsed, std::string_view sender, Timestamp now,
                                 const Permit* permit = nullptr, Memory memory = {}) const;

 private:
  struct Draft;

  // The names as the rules have them: `raw` itself, or a copy that the draft keeps. Error id_invalid.
  Result<const ingest::RawReading*> with_normal_names(const ingest::RawReading& raw, Draft& draft) const;
  void find_series(const ingest::Parsed& parsed, Draft& draft) const;
  void define_series(const ingest::Parsed& parsed, Draft& draft) const;
  // The moments that are taken whatever the quantity, and what is wrong with another one; nullopt: nothing.
  struct Bounds {
    Timestamp first;
    Timestamp last;
  };
  [[nodiscard]] Bounds bounds_at(Timestamp now) const;
  [[nodiscard]] Timestamp retention_time(Timestamp now) const;
  [[nodiscard]] std::optional<Error> timestamp_fault(const ingest::RawReading& raw, Timestamp timestamp,
                                                     Draft& draft) const;
  [[nodiscard]] SeriesKey key_of(const ingest::RawReading& raw) const;
  // How a reading's unit becomes the quantity's.
  struct GivenUnit {
    UnitChange change;
    bool fixes = false;   // it would be the quantity's first
    bool lasting = true;  // whatever other readings come, so a memo may keep it
  };
  [[nodiscard]] Result<GivenUnit> given_unit(const catalogue::Catalogue::Reader& reader, const ingest::RawReading& raw,
                                             const SeriesKey& key, Draft& draft) const;
  // Where a reading belongs by its names as they are, and its value there.
  struct Placing {
    GivenUnit unit;
    double value = 0;
    std::optional<catalogue::Catalogue::Found> found = std::nullopt;
    [[nodiscard]] bool known() const { return found && !unit.fixes; }
  };
  // Errors: those of a permit, unit_mismatch, and those of value_fault().
  Result<Placing> look_up(const ingest::RawReading& raw, const SeriesKey& key, bool restricted,
                          catalogue::Catalogue::Reader& reader, Draft& draft) const;
  // For a reading whose names, as they were sent, are of no series that it may write to; `placing` is what they gave.
  void add_by_normal_names(const ingest::RawReading& raw, Timestamp timestamp, Result<Placing> placing,
                           catalogue::Catalogue::Reader& reader, Draft& draft) const;
  // Whether a value, in the quantity's unit, is one that is taken.
  [[nodiscard]] bool in_range(const ingest::RawReading& raw, double value) const;
  // Why not: value_invalid (no double holds it), out_of_range.
  [[nodiscard]] Error value_fault(const ingest::RawReading& raw, UnitChange change, double value) const;
  struct Unknown;
  // The first reading that names a unit fixes it, if it is taken, unless another one was quicker: then that one counts.
  // Errors: unit_mismatch, id_invalid, series_limit, quantity_limit, and those of value_fault().
  Result<UnitChange> fix_unit(const ingest::RawReading& raw, const SeriesKey& key, std::uint32_t of_sensor_max) const;
  Result<catalogue::Catalogue::Found> define(const Unknown& unknown, Draft& draft) const;
  // The same once more where names that have left make room for it.
  Result<catalogue::Catalogue::Found> find_room_for(const Unknown& unknown, Draft& draft) const;

  AcceptorOptions options_;
  catalogue::Catalogue& catalogue_;
};

}  // namespace temperature::accept
