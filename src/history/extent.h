#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "history/history.h"

namespace rocksdb {
class MergeOperator;
}

namespace temperature::history {

// Widens `extent` to cover `other`, of the same series.
void grow(SeriesExtent& extent, const SeriesExtent& other);

// Version, oldest, newest, the newest one's value: 25 bytes.
std::string encode_extent(const SeriesExtent& extent);
std::optional<SeriesExtent> decode_extent(SeriesId series, std::string_view bytes);

// Lets a flush widen stored extents without reading them.
std::shared_ptr<rocksdb::MergeOperator> make_extent_merge();

}  // namespace temperature::history
