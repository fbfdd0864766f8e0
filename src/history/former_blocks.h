#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "history/history.h"
#include "history/rocks_store.h"

namespace temperature::limits {

// Readings of one block of a data folder of format 1; a block that names more is damaged.
inline constexpr std::size_t kFormerBlockReadingsMax = 4'096;

}  // namespace temperature::limits

// The readings of data folders of format 1, which had blocks where there are volumes now. Only read, never written:
// docs/formats/history.md, "Format 1".
namespace temperature::history {

// Calls `take` with each day of each series. Errors: history_failed, naming the damage; what `take` says.
Result<void> for_each_former_run(const RocksStore& store, const std::function<Result<void>(const Run&)>& take);

// Appends a block's samples; false, and nothing, when it is damaged.
bool decode_former_block(std::string_view bytes, std::vector<Sample>& out);

}  // namespace temperature::history
