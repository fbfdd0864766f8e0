#include "history/block.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>

#include "base/bytes.h"
#include "base/check.h"
#include "base/limits.h"

namespace temperature::history {
namespace {

constexpr int kPlacesMax = 6;
constexpr double kScaledMax = 9.0e15;  // below 2^53: every whole number is a double
constexpr std::uint8_t kRaw = 0xff;    // in the place of the number of decimals
constexpr std::array<double, kPlacesMax + 1> kPowers{1, 10, 100, 1e3, 1e4, 1e5, 1e6};

std::unexpected<Error> damaged(const char* what) {
  return failure(ErrorCode::history_failed, std::string("a block of the history ") + what);
}

// The value as a whole number of 10^-places, when that gives back the same bits.
std::optional<std::int64_t> scaled(double value, int places) {
  const double power = kPowers[static_cast<std::size_t>(places)];
  const double whole = std::nearbyint(value * power);
  if (!(std::abs(whole) < kScaledMax) || (whole == 0 && std::signbit(value))) return std::nullopt;
  if (std::bit_cast<std::uint64_t>(whole / power) != std::bit_cast<std::uint64_t>(value)) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

// The fewest decimals that hold all values; nullopt when none do.
std::optional<int> decimals_of(std::span<const Sample> samples) {
  int places = 0;
  for (const Sample& sample : samples) {
    while (places <= kPlacesMax && !scaled(sample.value, places)) ++places;
    if (places > kPlacesMax) return std::nullopt;
  }
  // More decimals than a value needs may not give back its bits: all must agree on the number found.
  for (const Sample& sample : samples) {
    if (!scaled(sample.value, places)) return std::nullopt;
  }
  return places;
}

}  // namespace

std::string encode_block(std::span<const Sample> samples) {
  CHECK(!samples.empty() && samples.size() <= limits::kBlockReadingsMax);
  std::string bytes;
  bytes.reserve(32 + samples.size() * 4);
  ByteWriter out(bytes);
  out.fixed(std::uint32_t{0});  // the checksum
  out.fixed(kBlockVersion);
  out.varint(samples.size());
  out.fixed(to_ms(samples.front().timestamp));
  out.varint(static_cast<std::uint64_t>(to_ms(samples.back().timestamp)) -
             static_cast<std::uint64_t>(to_ms(samples.front().timestamp)));
  std::uint64_t delta = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const std::uint64_t step = static_cast<std::uint64_t>(to_ms(samples[i].timestamp)) -
                               static_cast<std::uint64_t>(to_ms(samples[i - 1].timestamp));
    out.zigzag(static_cast<std::int64_t>(step - delta));
    delta = step;
  }
  if (const auto places = decimals_of(samples)) {
    out.fixed(static_cast<std::uint8_t>(*places));
    std::int64_t before = 0;
    for (const Sample& sample : samples) {
      const std::int64_t now = *scaled(sample.value, *places);
      out.zigzag(now - before);
      before = now;
    }
  } else {
    out.fixed(kRaw);
    for (const Sample& sample : samples) out.fixed(sample.value);
  }
  const std::uint32_t sum = libdeflate_crc32(0, bytes.data() + 4, bytes.size() - 4);
  std::memcpy(bytes.data(), &sum, sizeof sum);
  return bytes;
}

Result<BlockHeader> read_block_header(std::string_view bytes) {
  ByteReader in(bytes);
  in.fixed<std::uint32_t>();
  const auto version = in.fixed<std::uint8_t>();
  const std::uint64_t count = in.varint();
  const auto first = in.fixed<std::int64_t>();
  const std::uint64_t length = in.varint();
  if (!in.ok()) return damaged("is cut short");
  if (version != kBlockVersion) return damaged("is of a version that this program does not read");
  if (count == 0 || count > limits::kBlockReadingsMax) return damaged("has an impossible length");
  const auto last = static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + length);
  if (last < first) return damaged("has an impossible span");
  return BlockHeader{static_cast<std::uint32_t>(count), timestamp_from_ms(first), timestamp_from_ms(last)};
}

Result<void> decode_block(std::string_view bytes, std::vector<Sample>& out) {
  const auto header = read_block_header(bytes);
  if (!header) return std::unexpected(header.error());
  ByteReader in(bytes);
  const auto sum = in.fixed<std::uint32_t>();
  if (libdeflate_crc32(0, bytes.data() + 4, bytes.size() - 4) != sum) return damaged("has a wrong checksum");
  in.fixed<std::uint8_t>();
  in.varint();
  auto ms = static_cast<std::uint64_t>(in.fixed<std::int64_t>());
  in.varint();

  const std::size_t start = out.size();
  out.resize(start + header->count);
  std::uint64_t delta = 0;
  out[start].timestamp = header->first;
  for (std::size_t i = start + 1; i < out.size(); ++i) {
    delta += static_cast<std::uint64_t>(in.zigzag());
    ms += delta;
    out[i].timestamp = timestamp_from_ms(static_cast<std::int64_t>(ms));
  }
  const auto places = in.fixed<std::uint8_t>();
  if (places == kRaw) {
    for (std::size_t i = start; i < out.size(); ++i) out[i].value = in.fixed<double>();
  } else if (places <= kPlacesMax) {
    const double power = kPowers[places];
    std::uint64_t whole = 0;
    for (std::size_t i = start; i < out.size(); ++i) {
      whole += static_cast<std::uint64_t>(in.zigzag());
      out[i].value = static_cast<double>(static_cast<std::int64_t>(whole)) / power;
    }
  }
  const std::span<const Sample> mine(out.begin() + static_cast<std::ptrdiff_t>(start), out.end());
  const bool rising =
      std::ranges::adjacent_find(mine, std::ranges::greater_equal(), &Sample::timestamp) == mine.end() &&
      mine.back().timestamp == header->last;
  if (in.ok() && in.left() == 0 && rising && (places == kRaw || places <= kPlacesMax)) return {};
  out.resize(start);
  return damaged("cannot be decoded");
}

}  // namespace temperature::history
