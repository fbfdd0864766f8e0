#include "history/chunk_values.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "history/column.h"

namespace temperature::history {
namespace {

using Moved = ValueCode::Moved;

constexpr std::array kMovedAll{Moved::kNot, Moved::kDividedBy100, Moved::kTimesTenth, Moved::kTimesHundredth};
constexpr std::size_t kDecimalProbes = 32;  // values that the number of decimals is guessed from

std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

// How many values may be kept beside the whole numbers.
std::size_t exceptions_max(std::size_t samples) {
  return samples < 4 ? 0 : 1 + samples / 16;
}
std::size_t exceptions_few(std::size_t samples) {
  return samples / 64;
}

std::optional<unsigned> places_of(double value, Moved moved) {
  for (unsigned places = 0; places <= kPlacesMax; ++places) {
    if (ValueCode::decimal(places, moved).whole(value)) return places;
  }
  return std::nullopt;
}

// The fewest decimals that the probed values need when they are moved so; nullopt when most are no decimals.
std::optional<unsigned> probe(std::span<const Sample> samples, Moved moved) {
  const std::size_t probes = std::min(samples.size(), kDecimalProbes);
  std::size_t unfit = 0;
  unsigned most = 0;
  for (std::size_t i = 0; i < probes; ++i) {
    const auto places = places_of(samples[i * samples.size() / probes].value, moved);
    if (places) most = std::max(most, *places);
    unfit += places ? 0 : 1;
  }
  return unfit * 4 > probes ? std::nullopt : std::optional(most);
}

// False when there are too many exceptions; then `places` has grown if more decimals would help.
bool fill(std::span<const Sample> samples, Moved moved, unsigned& places, WholeValues& values) {
  values.code = ValueCode::decimal(places, moved);
  values.exceptions.clear();
  values.wholes.resize(samples.size());
  unsigned more = 0;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto whole = values.code.whole(samples[i].value);
    if (whole) [[likely]] {
      before = values.wholes[i] = *whole;
      continue;
    }
    values.wholes[i] = before;
    values.exceptions.push_back(static_cast<std::uint32_t>(i));
    more = std::max(more, places_of(samples[i].value, moved).value_or(0));
    if (more > places && values.exceptions.size() > exceptions_few(samples.size())) {
      places = more;
      return false;
    }
    if (values.exceptions.size() > exceptions_max(samples.size())) return false;
  }
  std::size_t first = 0;  // exceptions that nothing stands before take what comes behind them
  while (first < values.exceptions.size() && values.exceptions[first] == first) ++first;
  if (first < samples.size()) std::fill_n(values.wholes.begin(), first, values.wholes[first]);
  return true;
}

WholeValues own_bits(std::span<const Sample> samples) {
  std::uint64_t ones = 0;
  for (const Sample& sample : samples) ones |= bits_of(sample.value);
  const auto shift = static_cast<unsigned>(std::min(std::countr_zero(ones), 51));
  WholeValues values{ValueCode::own_bits(shift), {}, {}};
  values.wholes.reserve(samples.size());
  for (const Sample& sample : samples) values.wholes.push_back(*values.code.whole(sample.value));
  return values;
}

}  // namespace

std::optional<ValueCode> ValueCode::from_byte(std::uint8_t byte) {
  const ValueCode code(byte);
  if (byte >= 0x80 || (code.is_decimal() && code.places() > kPlacesMax)) return std::nullopt;
  return code;
}

void ValueCode::values(std::span<const std::int64_t> wholes, std::span<Sample> samples) const {
  const auto each = [&](auto value_of) {
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i].value = value_of(wholes[i]);
  };
  if (is_decimal() && digits() == 0) {
    each([](std::int64_t whole) { return static_cast<double>(whole); });
  } else if (is_decimal() && moved() == 0) {
    each([power = kPowers[places()]](std::int64_t whole) { return static_cast<double>(whole) / power; });
  } else {
    each([code = *this](std::int64_t whole) { return code.value(whole); });
  }
}

WholeValues to_whole_values(std::span<const Sample> samples) {
  std::optional<WholeValues> best;
  for (const Moved moved : kMovedAll) {
    auto places = probe(samples, moved);
    WholeValues values{ValueCode::decimal(0, Moved::kNot), {}, {}};
    bool filled = false;
    while (places && !filled) {
      const unsigned tried = *places;
      filled = fill(samples, moved, *places, values);
      if (!filled && *places == tried) places.reset();
    }
    if (!filled || (best && best->exceptions.size() <= values.exceptions.size())) continue;
    best = std::move(values);
    if (best->exceptions.size() <= exceptions_few(samples.size())) break;
  }
  return best ? *std::move(best) : own_bits(samples);
}

void append_values(std::string& out, std::span<const Sample> samples, WholeValues& values) {
  ByteWriter bytes(out);
  if (values.code.is_decimal()) {
    bytes.varint(values.exceptions.size());
    std::uint32_t before = 0;
    for (const std::uint32_t at : values.exceptions) {
      bytes.varint(at - before);
      before = at;
    }
    for (const std::uint32_t at : values.exceptions) bytes.fixed(samples[at].value);
  }
  append_column(out, values.wholes, 1);
}

bool read_values(ByteReader& in, ValueCode code, std::span<Sample> samples) {
  const std::uint64_t exceptions = code.is_decimal() ? in.varint() : 0;
  if (exceptions > samples.size()) return false;
  std::vector<std::size_t> places(exceptions);
  std::uint64_t at = 0;
  for (std::size_t& place : places) {
    at += std::min<std::uint64_t>(in.varint(), samples.size());
    if (at >= samples.size()) return false;
    place = at;
  }
  ByteReader kept(in.bytes(exceptions * sizeof(double)));
  const auto wholes = std::make_unique_for_overwrite<std::int64_t[]>(samples.size());
  if (!in.ok() || !read_column(in, {wholes.get(), samples.size()})) return false;
  code.values({wholes.get(), samples.size()}, samples);
  for (const std::size_t place : places) samples[place].value = kept.fixed<double>();
  return true;
}

}  // namespace temperature::history
