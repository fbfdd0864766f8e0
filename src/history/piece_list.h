#pragma once

#include <memory>
#include <string_view>
#include <vector>

namespace rocksdb {
class MergeOperator;
}

// The pieces of a volume as they are stored, for whoever looks at every byte: a merge would hide what it mends.
namespace temperature::history {

// In the place of the merge of volumes, for a store that is only read: makes a list of the pieces.
std::shared_ptr<rocksdb::MergeOperator> make_piece_list();

// The pieces in a value that was read so, the oldest first.
std::vector<std::string_view> pieces_of(std::string_view value);

}  // namespace temperature::history
