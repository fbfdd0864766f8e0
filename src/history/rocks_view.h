#pragma once

#include <rocksdb/slice.h>

#include <array>
#include <cstdint>
#include <vector>

#include "history/history.h"
#include "history/rocks_store.h"
#include "history/volume.h"

namespace temperature::history {

// A view of a RocksStore, which must outlive it.
class RocksView final : public HistoryView {
 public:
  explicit RocksView(const RocksStore& store);
  ~RocksView() override;

  Result<void> read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit,
                    std::vector<Sample>& out) override;
  Result<void> fold(SeriesId series, const Steps& steps, std::span<summary::Summary> summaries) override;
  Result<Found> find(SeriesId series, Timestamp timestamp) override;
  Result<std::optional<Sample>> last_at(SeriesId series, Timestamp at) override;
  // Whether anything is stored under a key.
  Result<bool> stores(Span span, VolumeKey key);

  [[nodiscard]] std::uint64_t decoded() const override { return volume_.decoded(); }
  [[nodiscard]] std::uint64_t work() const override { return volume_.decoded() + looks_; }

 private:
  // Adds what is stored under a key to the volume.
  Result<void> load(Span span, VolumeKey key);
  void clear();
  [[nodiscard]] Error named(Error error, SeriesId series, Timestamp around) const;

  // Loads the series' volumes that touch [from, to), one after another in order of time, or backwards, and calls
  // `visit`, which says whether to go on.
  template <class Visit>
  Result<void> for_each_volume(SeriesId series, Timestamp from, Timestamp to, bool backwards, Visit visit);
  template <class Visit>
  Result<bool> visit_month(SeriesId series, std::int32_t month, Timestamp from, Timestamp to, bool backwards,
                           Visit visit);

  const RocksStore& store_;
  const rocksdb::Snapshot* snapshot_;
  Volume volume_;
  std::uint64_t looks_ = 0;                                        // into the store, in samples
  std::vector<std::unique_ptr<rocksdb::PinnableSlice[]>> pinned_;  // what volume_ looks at
  struct Place {
    SeriesId series;
    std::int32_t day;
    bool operator==(const Place&) const = default;
  };
  std::optional<Place> found_in_;  // the volume that find() has loaded
};

}  // namespace temperature::history
