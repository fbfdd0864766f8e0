#include "history/extent.h"

#include <rocksdb/merge_operator.h>

#include "base/bytes.h"

namespace temperature::history {
namespace {

constexpr std::uint8_t kExtentVersion = 1;
constexpr std::uint8_t kExtentOfBound = 2;  // the newest is not exact

class ExtentMerge final : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& value, std::string* merged,
             rocksdb::Logger*) const override {
    const auto added = decode_extent(SeriesId(), {value.data(), value.size()});
    if (!added) return false;
    auto extent = added;
    if (existing != nullptr) {
      extent = decode_extent(SeriesId(), {existing->data(), existing->size()});
      if (!extent) return false;
      grow(*extent, *added);  // of two newest samples of one moment the first stays
    }
    *merged = encode_extent(*extent);
    return true;
  }
  [[nodiscard]] const char* Name() const override { return "temperature-service.extent"; }
};

}  // namespace

void grow(SeriesExtent& extent, const SeriesExtent& other) {
  if (other.oldest < extent.oldest) extent.oldest = other.oldest;
  if (other.newest.timestamp > extent.newest.timestamp ||
      (other.newest.timestamp == extent.newest.timestamp && !extent.exact)) {
    extent.newest = other.newest;
    extent.exact = other.exact;
  }
}

std::string encode_extent(const SeriesExtent& extent) {
  std::string bytes;
  ByteWriter out(bytes);
  out.fixed(extent.exact ? kExtentVersion : kExtentOfBound);
  out.fixed(to_ms(extent.oldest));
  out.fixed(to_ms(extent.newest.timestamp));
  out.fixed(extent.newest.value);
  return bytes;
}

std::optional<SeriesExtent> decode_extent(SeriesId series, std::string_view bytes) {
  ByteReader in(bytes);
  const auto version = in.fixed<std::uint8_t>();
  const auto oldest = in.fixed<std::int64_t>();
  const auto newest = in.fixed<std::int64_t>();
  const auto value = in.fixed<double>();
  if (!in.ok() || in.left() != 0 || (version != kExtentVersion && version != kExtentOfBound)) return std::nullopt;
  return SeriesExtent{series, timestamp_from_ms(oldest), {timestamp_from_ms(newest), value}, version == kExtentVersion};
}

std::shared_ptr<rocksdb::MergeOperator> make_extent_merge() {
  return std::make_shared<ExtentMerge>();
}

}  // namespace temperature::history
