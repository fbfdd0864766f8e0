#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "history/chunk.h"
#include "history/history.h"
#include "history/verify.h"
#include "history/volume_key.h"
#include "model/reading.h"

namespace temperature::history {

// Looks at one stored volume: every piece's chunks, whether they lie in the volume's stretch and in order, and each
// frame against the readings. `extent`: what is known of the series; nullptr when nothing is.
class VolumeInspector {
 public:
  explicit VolumeInspector(const std::function<void(const Damage&)>& damaged) : damaged_(damaged) {}

  // `value` as a store that was opened to look gives it.
  void inspect(Span span, VolumeKey key, std::string_view value, const SeriesExtent* extent);

  [[nodiscard]] const Verified& verified() const { return verified_; }

 private:
  void inspect_piece(std::string_view piece);
  void inspect_chunk(const ChunkView& chunk);
  void tell(std::string what, Timestamp from, Timestamp to) const;

  const std::function<void(const Damage&)>& damaged_;
  Verified verified_;
  // Of the volume at hand.
  SeriesId series_;
  Timestamp begin_;
  Timestamp end_;
  const SeriesExtent* extent_ = nullptr;  // nullptr: what is stored need not lie within one
  std::vector<Sample> samples_;           // scratch
};

}  // namespace temperature::history
