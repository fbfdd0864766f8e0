#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace rocksdb {
class MergeOperator;
}

namespace temperature::history {

enum class Thoroughness : std::uint8_t {
  quick,     // small chunks are put together
  thorough,  // chunks are put together as far as one can hold: for idle times
};

struct Merged {
  std::string piece;
  std::uint64_t chunks_written = 0;  // anew, not copied
};

// What stands below the pieces that are merged.
enum class Below : std::uint8_t {
  nothing,  // they are all there is: tombstones have done their work
  pieces,   // perhaps more of them, of which tombstones are still to take
};

// Makes one piece of several, the oldest first, that says the same. What tombstones take of them is not in it; they
// themselves stay in front, unless there is nothing below: then it may be empty. Chunks that overlap become one, small
// ones are put together, others are copied. Never fails: chunks that cannot be decoded are copied, and what is no chunk
// stands behind all others, so that damage stays where readers report it.
Merged merge_pieces(std::span<const std::string_view> pieces, Thoroughness thoroughness, Below below = Below::pieces);

// Lets RocksDB merge pieces when it compacts: a flush writes its piece without reading what is there.
// All atomics must outlive it; the others count chunks written anew, and volumes of which nothing was left.
std::shared_ptr<rocksdb::MergeOperator> make_volume_merge(const std::atomic<Thoroughness>& thoroughness,
                                                          std::atomic<std::uint64_t>& chunks_merged,
                                                          std::atomic<std::uint64_t>& volumes_emptied);

}  // namespace temperature::history
