#include "mapping/series_cache.h"

#include <cstring>

#include "base/check.h"
#include "base/sizes.h"

namespace temperature::mapping {
namespace {

constexpr std::size_t kChunkBytes = 64 * limits::kKiB;
static_assert(limits::kLineSeriesBytesMax <= kChunkBytes);
constexpr std::size_t kSeriesKeptReady = 1'024;  // whose memory stays when they are forgotten

}  // namespace

KeptSeries* SeriesCache::find(std::string_view written) const {
  const auto found = by_bytes_.find(written);
  return found == by_bytes_.end() ? nullptr : found->second;
}

bool SeriesCache::full() const {
  return series_.size() >= limits::kLineSeriesKept || fields_.size() >= 2 * limits::kLineSeriesKept;
}

KeptSeries& SeriesCache::add(std::string_view written) {
  CHECK(written.size() <= limits::kLineSeriesBytesMax);
  KeptSeries& series = series_.grow();
  series.written = keep(written);
  by_bytes_.emplace(series.written, &series);
  return series;
}

KeptField& SeriesCache::add(KeptSeries& series, KeptField*& first, KeptField* last, std::string_view key) {
  CHECK(key.size() <= limits::kLineSeriesBytesMax);
  KeptField& field = fields_.grow();
  field.key = keep(key);
  ++series.fields;
  (last == nullptr ? first : last->next) = &field;
  return field;
}

void SeriesCache::clear() {
  by_bytes_.clear();
  if (series_.size() > kSeriesKeptReady) by_bytes_ = {};
  series_.clear();
  fields_.clear();
  made_.clear();
  if (chunks_.size() > 1) chunks_.resize(1);
  used_ = 0;
}

std::string_view SeriesCache::keep(std::string_view text) {
  if (chunks_.empty() || used_ + text.size() > kChunkBytes) {
    chunks_.push_back(std::make_unique<char[]>(kChunkBytes));
    used_ = 0;
  }
  char* place = chunks_.back().get() + used_;
  used_ += text.size();
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

}  // namespace temperature::mapping
