#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"
#include "base/stable_vector.h"
#include "ingest/line_protocol.h"
#include "ingest/raw_reading.h"
#include "mapping/line_names.h"
#include "mapping/line_units.h"
#include "mapping/passed_over.h"
#include "model/unit.h"

namespace temperature::limits {

// Series of lines whose names each HTTP thread remembers; the names of others are worked out for each line.
inline constexpr std::size_t kLineSeriesKept = 131'072;
// Bytes of a series as a line writes it that are remembered; the names of a longer one are worked out for each line.
inline constexpr std::size_t kLineSeriesBytesMax = 1'024;
// Fields remembered of each such series; others are worked out for each line.
inline constexpr std::size_t kLineFieldsKept = 256;
// Comparisons of keys of one body's fields that stand in another order than in lines before, beyond 16 for each of
// them; then such fields are worked out for each line.
inline constexpr std::size_t kLineFieldsCompared = 8'388'608;
// Fields of one body that are new in series which are remembered; others are remembered when they come again.
inline constexpr std::size_t kLineFieldsTried = 4'096;

}  // namespace temperature::limits

namespace temperature::mapping {

// A field of a series, and what it means here. As large as a line of a processor's cache.
struct KeptField {
  std::string_view key;  // as it is written
  union {
    std::string_view quantity{};     // of a reading
    PassedOver::Noted* passed_over;  // of what is none: the note on it, if there is one
  };
  ingest::SeriesMemo memo;
  bool reading = false;
  bool noted = false;         // whether there is a note on it was looked at
  Unit unit = Unit::unknown;  // that its key or the series' tags name
  KeptField* next = nullptr;  // the field that stood behind it
};
static_assert(sizeof(KeptField) == 64);

// A series as it is written, and what it means here. Each line needs what stands here, in two lines of a processor's
// cache; the rest is elsewhere.
struct alignas(64) KeptSeries {
  struct Known {
    LineNames names;
    std::optional<LineUnit> unit;  // what its tags say of it
  };

  std::string_view written;
  std::string_view building;  // these four are those of `known->names`
  std::string_view room;
  std::string_view sensor;
  std::string_view unit;
  KeptField* first = nullptr;
  KeptField* first_passed_over = nullptr;  // of those that are no numbers
  KeptSeries* followed_by = nullptr;       // the series that came next last time: a guess
  std::unique_ptr<Known> known;
  std::uint32_t quantities = 0;  // that its fields are, of those with a unit of their own: a bit for each unit
  std::uint16_t fields = 0;
  bool plain = true;      // its lines are taken, need no look at units, and no two of its fields are one quantity
  bool on_trial = false;  // known for this body alone, until a line of it is taken
  bool wanted = false;    // of one on trial: to be kept
};
static_assert(sizeof(KeptSeries) == 128 && limits::kLineFieldsKept <= UINT16_MAX);

// The series of lines that were seen before, so that the next line of each is known by its bytes alone. All that it
// hands out stays where it is until clear(). Its keys are outsiders' bytes, which the hash takes care of. Not
// thread-safe.
class SeriesCache {
 public:
  // nullptr when it is not known.
  [[nodiscard]] KeptSeries* find(std::string_view written) const;

  [[nodiscard]] bool full() const;
  [[nodiscard]] bool empty() const { return series_.size() == 0; }
  [[nodiscard]] std::size_t size() const { return series_.size(); }
  KeptSeries& operator[](std::size_t i) { return series_[i]; }  // in the order in which they came

  // A new series with a copy of its bytes, its names not set. REQUIRES: not full(), not known.
  KeptSeries& add(std::string_view written);
  // A new field behind `last` (nullptr: it becomes `first`, which is one of the series' two) with a copy of its key.
  // REQUIRES: as above.
  KeptField& add(KeptSeries& series, KeptField*& first, KeptField* last, std::string_view key);

  MadeNames& made() { return made_; }
  // A copy of a text, which stays as long as all else.
  std::string_view keep(std::string_view text);

  void clear();

 private:
  boost::unordered_flat_map<std::string_view, KeptSeries*, KeyedHash> by_bytes_;
  StableVector<KeptSeries> series_;
  StableVector<KeptField> fields_;
  MadeNames made_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t used_ = 0;  // of the last chunk
};

}  // namespace temperature::mapping
