#include "history/column.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <vector>

#include "base/check.h"
#include "history/bits.h"
#include "history/chunk_limits.h"
#include "history/rans.h"
#include "history/tokens.h"

namespace temperature::history {
namespace {

// The first byte of a column: how its symbols are kept, in the low bits, and what stands before them.
enum ColumnKind : std::uint8_t { kConstant = 0, kPacked = 1, kCoded = 2, kKinds = 3 };
constexpr unsigned kOrderShift = 2;
constexpr std::uint8_t kBaseFollows = 0x10;
constexpr std::uint8_t kUnitFollows = 0x20;

constexpr std::size_t kCodedMin = 32;     // fewer symbols never pay for a model
constexpr std::size_t kBaseProbes = 63;   // numbers of which the middle one is the base
constexpr std::size_t kSampledMin = 128;  // numbers that an order is chosen by, when there are more
constexpr std::size_t kSampledMax = 256;

std::uint64_t unsign(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}
// The distance from 0, of a number modulo 2^64.
std::uint64_t distance(std::uint64_t step) {
  return std::min(step, 0 - step);
}

// What a number from the `order`th on differs by from what was foretold.
inline std::uint64_t surprise(std::span<const std::int64_t> numbers, std::size_t i, unsigned order) {
  if (order == 0) return unsign(numbers[i]);
  const std::uint64_t step = unsign(numbers[i]) - unsign(numbers[i - 1]);
  return order == 1 ? step : step - (unsign(numbers[i - 1]) - unsign(numbers[i - 2]));
}

}  // namespace

std::int64_t column_base(std::span<const std::int64_t> numbers, unsigned order) {
  std::array<std::int64_t, kBaseProbes> probes;
  const std::size_t symbols = numbers.size() - order;
  const std::size_t count = std::min(symbols, kBaseProbes);
  const std::size_t stride = (symbols << 16U) / count;
  for (std::size_t i = 0; i < count; ++i) {
    probes[i] = static_cast<std::int64_t>(surprise(numbers, order + ((i * stride) >> 16U), order));
  }
  const auto middle = probes.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(probes.begin(), middle, probes.begin() + static_cast<std::ptrdiff_t>(count));
  return *middle;
}

namespace {

unsigned best_order(std::span<const std::int64_t> numbers, unsigned preferred) {
  std::uint64_t least = column_cost(numbers, preferred);
  unsigned best = preferred;
  for (unsigned order = 0; order < kOrders && order + 1 < numbers.size(); ++order) {
    const std::uint64_t cost = order == preferred ? least : column_cost(numbers, order);
    if (cost >= least) continue;
    least = cost;
    best = order;
  }
  return best;
}

// What all symbols are multiples of; 0 when all are 0.
std::uint64_t unit_of(std::span<const std::int64_t> symbols) {
  std::uint64_t unit = 0;
  for (const std::int64_t symbol : symbols) {
    const std::uint64_t far = distance(unsign(symbol));
    if (unit == 0 || far % unit != 0) unit = std::gcd(unit, far);
    if (unit == 1) return 1;
  }
  return unit;
}

// How many units a step is, which is a multiple of them.
std::uint64_t in_units(std::uint64_t step, std::uint64_t unit) {
  if (unit <= 1) return step;
  return (step >> 63U) != 0 ? 0 - (0 - step) / unit : step / unit;
}

void append_packed(std::string& out, std::span<const std::int64_t> symbols, unsigned width) {
  out.push_back(static_cast<char>(width));
  BitWriter bits(out);
  for (const std::int64_t symbol : symbols) bits.write(unsign(symbol), width);
  bits.finish();
}

bool read_packed(ByteReader& in, std::span<std::int64_t> symbols) {
  const auto width = in.fixed<std::uint8_t>();
  if (width > 64) return false;
  const std::string_view bytes = in.bytes((symbols.size() * width + 7) / 8);
  BitReader bits(bytes);
  for (std::int64_t& symbol : symbols) symbol = static_cast<std::int64_t>(bits.read(width));
  return in.ok();
}

bool read_coded(ByteReader& in, std::span<std::int64_t> symbols) {
  const auto tokens = std::make_unique_for_overwrite<std::uint8_t[]>(symbols.size());
  if (!read_tokens(in, {tokens.get(), symbols.size()})) return false;
  BitReader extra(in.rest());
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const unsigned token = tokens[i];
    std::uint64_t number = token;
    if (token >= kTokensPlain) number = number_of(token) | extra.read(extra_bits_of(token));
    symbols[i] = static_cast<std::int64_t>(number);
  }
  in.bytes(extra.bytes_read());
  return in.ok() && extra.ok();
}

// Puts surprises in the place of the numbers; before them stand the first number and, of order 2, the first step.
void surprises(std::span<std::int64_t> numbers, unsigned order) {
  for (unsigned pass = 0; pass < order; ++pass) {
    for (std::size_t i = numbers.size() - 1; i > pass; --i) {
      numbers[i] = static_cast<std::int64_t>(unsign(numbers[i]) - unsign(numbers[i - 1]));
    }
  }
}

// Undoes surprises(), of which the symbols are what they are made of.
void foretell(std::span<std::int64_t> numbers, unsigned order, std::uint64_t base, std::uint64_t unit) {
  std::uint64_t number = order == 0 ? 0 : unsign(numbers[0]);
  std::uint64_t step = order == 2 ? unsign(numbers[1]) : 0;
  if (order == 2) numbers[1] = static_cast<std::int64_t>(number += step);
  const auto undo = [&](auto next) {
    for (std::int64_t& each : numbers.subspan(order)) {
      each = static_cast<std::int64_t>(next(unzigzag(unsign(each))));
    }
  };
  if (order == 0) {
    undo([&](std::uint64_t symbol) { return base + unit * symbol; });
  } else if (order == 1 && base == 0 && unit == 1) {
    undo([&](std::uint64_t symbol) { return number += symbol; });
  } else if (order == 1) {
    undo([&](std::uint64_t symbol) { return number += base + unit * symbol; });
  } else {
    undo([&](std::uint64_t symbol) { return number += step += base + unit * symbol; });
  }
}

}  // namespace

std::size_t column_cost_samples(std::size_t numbers) {
  return std::min({numbers, kSampledMin + numbers / 128, kSampledMax});
}

// What symbols taken from here and there take: packed where a column of so few is packed, else by their entropy.
std::uint64_t column_cost(std::span<const std::int64_t> numbers, unsigned order) {
  if (numbers.size() <= order) return 0;
  const std::uint64_t base = unsign(column_base(numbers, order));
  const std::size_t symbols = numbers.size() - order;
  const std::size_t count = column_cost_samples(symbols);
  std::array<std::int64_t, kSampledMax> sampled;
  const std::size_t stride = (symbols << 16U) / count;
  for (std::size_t i = 0; i < count; ++i) {
    sampled[i] = static_cast<std::int64_t>(surprise(numbers, order + ((i * stride) >> 16U), order) - base);
  }
  const std::uint64_t unit = unit_of({sampled.data(), count});
  std::array<std::uint16_t, kTokens> counts{};
  std::uint64_t bits_used = 0;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t symbol = zigzag(in_units(unsign(sampled[i]), unit));
    const unsigned token = token_of(symbol);
    bits_used |= symbol;
    bits += extra_bits_of(token);
    ++counts[token];
  }
  if (symbols < kCodedMin) {  // what stands before the symbols counts
    bits = count * static_cast<std::uint64_t>(std::bit_width(bits_used));
    for (const std::int64_t number : numbers.first(order)) bits += varint_bits(zigzag(unsign(number)));
    return bits + (base != 0 ? varint_bits(zigzag(base)) : 0) + (unit > 1 ? varint_bits(unit) : 0);
  }
  double entropy_bits = 0;
  for (const std::uint16_t of_token : counts) {
    if (of_token != 0) entropy_bits += of_token * std::log2(static_cast<double>(count) / of_token);
  }
  return bits + static_cast<std::uint64_t>(entropy_bits);
}

void append_column(std::string& out, std::span<std::int64_t> numbers, unsigned order) {
  CHECK(numbers.size() <= limits::kChunkReadingsMax);
  if (numbers.empty()) return;
  order = best_order(numbers, numbers.size() > order ? order : 0);
  const std::uint64_t base = unsign(column_base(numbers, order));
  const std::span<std::int64_t> symbols = numbers.subspan(order);
  surprises(numbers, order);
  for (std::int64_t& symbol : symbols) symbol = static_cast<std::int64_t>(unsign(symbol) - base);
  const std::uint64_t unit = unit_of(symbols);

  std::vector<std::uint8_t> tokens(symbols.size());
  std::uint64_t ones = 0;
  std::size_t extra_bits = 0;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const std::uint64_t symbol = zigzag(in_units(unsign(symbols[i]), unit));
    symbols[i] = static_cast<std::int64_t>(symbol);
    ones |= symbol;
    const unsigned token = token_of(symbol);
    tokens[i] = static_cast<std::uint8_t>(token);
    extra_bits += extra_bits_of(token);
  }
  const auto width = static_cast<unsigned>(std::bit_width(ones));
  const std::size_t packed_bytes = 1 + (symbols.size() * width + 7) / 8;
  std::optional<TokenModel> model;
  if (width > 0 && symbols.size() >= kCodedMin) {
    TokenCounts counts{};
    count_tokens(tokens, counts);
    model.emplace(counts, tokens.size());
    if (model->bytes() + extra_bits / 8 >= packed_bytes) model.reset();
  }
  const ColumnKind kind = width == 0 ? kConstant : model ? kCoded : kPacked;
  out.push_back(static_cast<char>(kind | order << kOrderShift | (base != 0 ? kBaseFollows : 0U) |
                                  (unit > 1 ? kUnitFollows : 0U)));
  ByteWriter bytes(out);
  for (std::size_t i = 0; i < order; ++i) bytes.zigzag(numbers[i]);
  if (base != 0) bytes.zigzag(static_cast<std::int64_t>(base));
  if (unit > 1) bytes.varint(unit);
  if (kind == kPacked) append_packed(out, symbols, width);
  if (kind != kCoded) return;
  model->append(out, tokens);
  BitWriter extra(out);
  for (std::size_t i = 0; extra_bits > 0 && i < symbols.size(); ++i) {
    const unsigned token = tokens[i];
    if (token >= kTokensPlain) extra.write(unsign(symbols[i]) - number_of(token), extra_bits_of(token));
  }
  extra.finish();
}

bool read_column(ByteReader& in, std::span<std::int64_t> numbers) {
  if (numbers.empty()) return true;
  const auto head = in.fixed<std::uint8_t>();
  const unsigned kind = head & 3U;
  const unsigned order = (head >> kOrderShift) & 3U;
  if (head >= 0x40 || kind >= kKinds || order >= kOrders || order > numbers.size()) return false;
  for (std::int64_t& number : numbers.first(order)) number = in.zigzag();
  const auto base = (head & kBaseFollows) != 0 ? unsign(in.zigzag()) : 0;
  const std::uint64_t unit = (head & kUnitFollows) != 0 ? in.varint() : 1;
  const std::span<std::int64_t> symbols = numbers.subspan(order);
  bool read = in.ok();
  if (kind == kConstant) std::ranges::fill(symbols, 0);
  if (kind == kPacked) read = read && read_packed(in, symbols);
  if (kind == kCoded) read = read && read_coded(in, symbols);
  if (read) foretell(numbers, order, base, unit);
  return read;
}

}  // namespace temperature::history
