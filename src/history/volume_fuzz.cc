#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/time.h"
#include "history/tombstone.h"
#include "history/volume.h"
#include "history/volume_merge.h"

// Pieces and tombstones in any order: a volume says what they come to, one after the other, whichever of them were
// merged before. And any bytes read as a piece: nothing but a result.
namespace temperature::history {
namespace {

using Model = std::map<Timestamp, double>;

constexpr std::size_t kPiecesMax = 32;

// Takes the bytes apart: pieces of samples and tombstones, as flushes and deletions leave them, and what there is then.
std::vector<std::string> pieces_in(std::string_view bytes, Model& model) {
  std::vector<std::string> pieces;
  const auto byte = [&bytes]() -> std::uint8_t {
    if (bytes.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    return first;
  };
  while (!bytes.empty() && pieces.size() < kPiecesMax) {
    const std::uint8_t kind = byte();
    const auto from = timestamp_from_ms(byte() * 4 - 300);
    std::string piece;
    if (kind % 3 == 0) {
      const Tombstone tombstone{from, from + Duration(1 + byte())};
      append_tombstone(piece, tombstone);
      std::erase_if(model, [&](const auto& each) { return tombstone.covers(each.first); });
    } else {
      std::vector<Sample> samples;
      Timestamp at = from;
      for (int left = 1 + kind / 3; left > 0; --left) {
        const std::uint8_t next = byte();
        samples.push_back({at, static_cast<double>(pieces.size()) + next / 8.0});
        at += Duration(1 + next % 16);
      }
      append_piece(piece, samples);
      for (const Sample& sample : samples) model.emplace(sample.timestamp, sample.value);  // the older one stays
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

void check_says(std::span<const std::string> pieces, const Model& model) {
  Volume volume;
  for (const std::string& piece : pieces) {
    std::string_view rest = piece;
    CHECK(volume.add(rest) && rest.empty());
  }
  std::vector<Sample> samples;
  CHECK(volume.read(kTimestampMin, kTimestampMax, samples));
  CHECK(std::ranges::equal(samples, model, [](const Sample& sample, const auto& each) {
    return sample.timestamp == each.first && sample.value == each.second;
  }));
  const auto last = volume.last_at(kTimestampMax - kTick);
  CHECK(last && last->has_value() == !model.empty());
  if (!model.empty()) CHECK((*last)->timestamp == model.rbegin()->first);
  for (const Sample& sample : samples) {
    const auto found = volume.find(sample.timestamp, kTimestampMin, kTimestampMax);
    CHECK(found && found->value == sample.value);
  }
}

// Merges those from `first` to before `last`, as RocksDB does: nothing is below the first of all.
std::vector<std::string> merged(const std::vector<std::string>& pieces, std::size_t first, std::size_t last,
                                Thoroughness thoroughness) {
  const std::vector<std::string_view> mine(pieces.begin() + static_cast<std::ptrdiff_t>(first),
                                           pieces.begin() + static_cast<std::ptrdiff_t>(last));
  const Below below = first == 0 ? Below::nothing : Below::pieces;
  std::vector<std::string> result(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(first));
  result.push_back(merge_pieces(mine, thoroughness, below).piece);
  if (below == Below::nothing) CHECK(!begins_with_tombstone(result.back()));
  result.insert(result.end(), pieces.begin() + static_cast<std::ptrdiff_t>(last), pieces.end());
  return result;
}

void check_pieces(std::string_view bytes, std::uint8_t how) {
  Model model;
  auto pieces = pieces_in(bytes, model);
  if (pieces.empty()) return;
  check_says(pieces, model);
  const auto thoroughness = how % 2 == 0 ? Thoroughness::quick : Thoroughness::thorough;
  const std::size_t first = how / 2 % pieces.size();
  const std::size_t last = first + 1 + how / 16 % (pieces.size() - first);
  pieces = merged(pieces, first, last, thoroughness);
  check_says(pieces, model);
  pieces = merged(pieces, 0, pieces.size(), thoroughness);
  CHECK(pieces.size() == 1 && pieces.front().empty() == model.empty());
  check_says(pieces, model);
}

// What cannot be read is left, and a merge keeps it.
void check_any(std::string_view bytes) {
  Volume volume;
  std::string_view rest = bytes;
  const auto added = volume.add(rest);
  if (!added) CHECK(added.error().code == ErrorCode::history_failed && !rest.empty());
  std::vector<Sample> samples;
  static_cast<void>(volume.read(kTimestampMin, kTimestampMax, samples));
  const Merged merged = merge_pieces(std::span(&bytes, 1), Thoroughness::quick);
  if (!added) CHECK(merged.piece.ends_with(rest));
}

}  // namespace
}  // namespace temperature::history

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  if (bytes[0] % 4 == 0) {
    temperature::history::check_any(rest);
  } else {
    temperature::history::check_pieces(rest, bytes[1]);
  }
  return 0;
}
