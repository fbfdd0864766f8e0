#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "history/chunk.h"
#include "history/extent.h"
#include "history/piece_list.h"
#include "history/tombstone.h"
#include "history/volume_key.h"
#include "model/reading.h"
#include "rocks/stored_for_test.h"

// What the files of a history hold, whether it still shows it or not. For tests.
namespace temperature::history {

struct StoredSamples {
  std::vector<std::pair<SeriesId, Sample>> samples;  // each as often as it is there, the newest of extents, too
  std::size_t tombstones = 0;
  std::size_t volumes = 0;  // keys
};

inline StoredSamples everything_decoded(const std::filesystem::path& folder) {
  StoredSamples found;
  const std::vector<std::string> families{"default", "extents", "definitions", "days", "months"};
  for (const rocks::Stored& stored : rocks::everything_stored(folder, families, make_piece_list())) {
    if (stored.family == "extents") {
      const auto series = decode_series_key(stored.key);
      for (const std::string_view each : pieces_of(stored.value)) {
        const auto extent = decode_extent(*series, each);
        EXPECT_TRUE(extent) << stored.file;
        if (extent) found.samples.emplace_back(*series, extent->newest);
      }
    }
    if (stored.family != "days" && stored.family != "months") continue;
    const auto key = VolumeKey::decode(stored.key);
    ++found.volumes;
    for (std::string_view piece : pieces_of(stored.value)) {
      while (!piece.empty()) {
        if (begins_with_tombstone(piece)) {
          ++found.tombstones;
          if (!take_tombstone(piece)) break;
          continue;
        }
        const auto chunk = ChunkView::take(piece);
        EXPECT_TRUE(chunk) << stored.file;
        if (!chunk) break;
        std::vector<Sample> samples;
        EXPECT_TRUE(chunk->decode(samples));
        for (const Sample& sample : samples) found.samples.emplace_back(key->series, sample);
      }
    }
  }
  return found;
}

}  // namespace temperature::history
