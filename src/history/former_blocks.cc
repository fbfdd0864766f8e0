#include "history/former_blocks.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "history/volume_key.h"

namespace temperature::history {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kRaw = 0xff;  // in the place of the number of decimals
constexpr std::array<double, 7> kFormerPowers{1, 10, 100, 1e3, 1e4, 1e5, 1e6};
constexpr std::size_t kKeyBytes = 4 + 4 + 8 + 8;  // series, day, first timestamp, flush: big-endian

struct Key {
  SeriesId series;
  std::string_view day;    // what the blocks of one day of a series have in common, the series among it
  std::string_view flush;  // sorts as bytes
};

std::optional<Key> decode_key(std::string_view bytes) {
  if (bytes.size() != kKeyBytes) return std::nullopt;
  return Key{*decode_series_key(bytes.substr(0, 4)), bytes.substr(0, 8), bytes.substr(16)};
}

// A day's samples in order; of those with the same timestamp the earliest flush's.
class Day {
 public:
  void begin(std::string_view day) { day_ = day; }
  [[nodiscard]] bool is(std::string_view day) const { return day_ == day; }
  void add(std::span<const Sample> samples, std::string_view flush) {
    for (const Sample& sample : samples) samples_.push_back({sample, std::string(flush)});
  }
  std::vector<Sample> take() {
    std::ranges::sort(samples_, {}, [](const Aged& each) { return std::tie(each.sample.timestamp, each.flush); });
    std::vector<Sample> once;
    for (const Aged& each : samples_) {
      if (once.empty() || once.back().timestamp != each.sample.timestamp) once.push_back(each.sample);
    }
    samples_.clear();
    return once;
  }

 private:
  struct Aged {
    Sample sample;
    std::string flush;
  };
  std::string day_;
  std::vector<Aged> samples_;
};

}  // namespace

bool decode_former_block(std::string_view bytes, std::vector<Sample>& out) {
  ByteReader in(bytes);
  const auto sum = in.fixed<std::uint32_t>();
  if (!in.ok() || libdeflate_crc32(0, in.rest().data(), in.left()) != sum) return false;
  const auto version = in.fixed<std::uint8_t>();
  const std::uint64_t count = in.varint();
  auto ms = static_cast<std::uint64_t>(in.fixed<std::int64_t>());
  in.varint();  // how far the last one is away
  if (!in.ok() || version != kVersion || count == 0 || count > limits::kFormerBlockReadingsMax) return false;

  std::vector<Sample> samples(count);
  std::uint64_t delta = 0;
  samples.front().timestamp = timestamp_from_ms(static_cast<std::int64_t>(ms));
  for (std::size_t i = 1; i < count; ++i) {
    delta += static_cast<std::uint64_t>(in.zigzag());
    ms += delta;
    samples[i].timestamp = timestamp_from_ms(static_cast<std::int64_t>(ms));
  }
  const auto places = in.fixed<std::uint8_t>();
  if (places != kRaw && places >= kFormerPowers.size()) return false;
  std::uint64_t whole = 0;
  for (Sample& sample : samples) {
    if (places == kRaw) {
      sample.value = in.fixed<double>();
    } else {
      whole += static_cast<std::uint64_t>(in.zigzag());
      sample.value = static_cast<double>(static_cast<std::int64_t>(whole)) / kFormerPowers[places];
    }
  }
  const bool rising =
      std::ranges::adjacent_find(samples, std::ranges::greater_equal(), &Sample::timestamp) == samples.end();
  if (!in.ok() || in.left() != 0 || !rising) return false;
  out.insert(out.end(), samples.begin(), samples.end());
  return true;
}

Result<void> for_each_former_run(const RocksStore& store, const std::function<Result<void>(const Run&)>& take) {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> at(store.db().NewIterator(options, store.former_blocks()));
  Day day;
  Run run;
  std::vector<Sample> samples;
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const auto key = decode_key(view_of(at->key()));
    samples.clear();
    if (!key || !decode_former_block(view_of(at->value()), samples)) {
      return failure(ErrorCode::history_failed,
                     fmt::format("a block of the history's former format is damaged{} (path={})",
                                 key ? fmt::format(": series {}", key->series.value()) : "", store.path().string()));
    }
    if (!day.is(key->day)) {
      run.samples = day.take();
      if (auto taken = take(run); !taken) return taken;
      day.begin(key->day);
      run.series = key->series;
    }
    day.add(samples, key->flush);
  }
  if (!at->status().ok()) return store.error(at->status(), "read the history");
  run.samples = day.take();
  return take(run);
}

}  // namespace temperature::history
