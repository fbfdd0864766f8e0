#include "history/rans.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "history/bits.h"

namespace temperature::history {
namespace {

// A state lies within 2^16..2^32 and is refilled by 16 bits.
constexpr std::uint32_t kStateMin = 1U << 16U;
constexpr unsigned kScaleMin = 8;  // more places than tokens
constexpr unsigned kScaleMax = 11;
constexpr std::size_t kLanes = 4;
constexpr std::size_t kLanesFew = 2;
constexpr std::size_t kTokensForContexts = 256;
constexpr std::size_t kTokensForLanes = 4096;  // from here on all lanes pay

std::size_t lanes_for(std::size_t tokens) {
  return tokens < kTokensForLanes ? kLanesFew : kLanes;
}
std::size_t lane_length(std::size_t tokens) {
  return (tokens + lanes_for(tokens) - 1) / lanes_for(tokens);
}

void write_shares(BitWriter& out, std::span<const std::uint16_t> shares, std::uint32_t whole) {
  out.write(std::ranges::any_of(shares, [](std::uint16_t share) { return share != 0; }) ? 1 : 0, 1);
  std::uint64_t zeros = 0;
  std::uint32_t left = whole;
  for (const std::uint16_t share : shares) {
    if (share == 0) {
      ++zeros;
      continue;
    }
    for (; zeros > 0; zeros = 0) {
      out.write(0, 1);
      out.write_gamma(zeros);
    }
    out.write(1, 1);
    out.write(share - 1U, static_cast<unsigned>(std::bit_width(left - 1U)));
    left -= share;
    if (left == 0) return;
  }
}

// Places of a decoder: the token, its share - 1, and the distance from the token's first place.
constexpr std::uint32_t place(std::uint32_t token, std::uint32_t share, std::uint32_t offset) {
  return token | (share - 1) << 8U | offset << 20U;
}

bool read_places(BitReader& in, std::uint32_t* places, std::uint32_t whole) {
  std::uint32_t at = 0;
  std::uint32_t token = 0;
  if (in.read(1) == 0) {  // a context that does not occur
    for (; at < whole; ++at) places[at] = place(0, whole, at);
    return true;
  }
  while (at < whole) {
    if (in.read(1) == 0) {
      const std::uint64_t zeros = in.read_gamma();
      if (zeros == 0 || zeros >= kTokens - token) return false;
      token += static_cast<std::uint32_t>(zeros);
    } else {
      const auto width = static_cast<unsigned>(std::bit_width(whole - at - 1));
      const auto share = static_cast<std::uint32_t>(in.read(width)) + 1;
      if (token >= kTokens || share > whole - at || !in.ok()) return false;
      for (std::uint32_t i = 0; i < share; ++i) places[at + i] = place(token, share, i);
      at += share;
      ++token;
    }
    if (token >= kTokens && at < whole) return false;
  }
  return in.ok();
}

struct Lane {
  std::uint32_t state = 0;
  std::uint32_t before = 0;         // the token before this one
  std::uint32_t before_before = 0;  // and the one before that
};

// `kMany`: tokens have contexts.
template <std::size_t kCount, bool kMany>
bool decode(std::string_view words, const std::uint32_t* places, unsigned scale, std::array<Lane, kLanes> lanes,
            std::span<std::uint8_t> tokens) {
  const std::uint32_t mask = (1U << scale) - 1;
  const std::size_t length = lane_length(tokens.size());
  const char* at = words.data();
  const char* const end = at + words.size();
  const auto step = [&](Lane& lane, std::uint8_t& token) {
    const std::uint32_t* table = places;
    if constexpr (kMany) table += std::size_t{kContextOf[lane.before + lane.before_before]} << scale;
    const std::uint32_t found = table[lane.state & mask];
    lane.state = (((found >> 8U) & 0xfffU) + 1) * (lane.state >> scale) + (found >> 20U);
    if constexpr (kMany) lane.before_before = lane.before;
    if constexpr (kMany) lane.before = found & 0xffU;
    token = static_cast<std::uint8_t>(found);
  };
  const auto refill = [&](Lane& lane) {  // without a branch: whether a word is due is a coin toss
    std::uint16_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint32_t due = lane.state < kStateMin ? 1 : 0;
    lane.state = lane.state << (16 * due) | (word & (0 - due));
    at += due * sizeof word;
  };
  std::size_t i = 0;
  const std::size_t last_lane = (kCount - 1) * length;
  const std::size_t all = tokens.size() > last_lane ? tokens.size() - last_lane : 0;
  const auto each_lane = [&]<std::size_t... kLane>(std::index_sequence<kLane...>) {  // unrolled, in registers
    for (; i < all && end - at >= static_cast<std::ptrdiff_t>(2 * kCount); ++i) {
      (step(lanes[kLane], tokens[kLane * length + i]), ...);
      (refill(lanes[kLane]), ...);
    }
  };
  each_lane(std::make_index_sequence<kCount>());
  for (; i < length; ++i) {  // near the end of the words, or of the shorter lanes
    for (std::size_t lane = 0; lane < kCount && lane * length + i < tokens.size(); ++lane) {
      step(lanes[lane], tokens[lane * length + i]);
    }
    for (std::size_t lane = 0; lane < kCount && lane * length + i < tokens.size(); ++lane) {
      if (lanes[lane].state >= kStateMin) continue;
      if (end - at < 2) return false;
      refill(lanes[lane]);
    }
  }
  return at == end &&
         std::all_of(lanes.begin(), lanes.begin() + kCount, [](const Lane& lane) { return lane.state == kStateMin; });
}

}  // namespace

void count_tokens(std::span<const std::uint8_t> tokens, TokenCounts& counts) {
  const std::size_t length = lane_length(tokens.size());
  for (std::size_t lane = 0; lane < tokens.size(); lane += length) {
    std::uint32_t before = 0;
    std::uint32_t before_before = 0;
    for (const std::uint8_t token : tokens.subspan(lane, std::min(length, tokens.size() - lane))) {
      ++counts[kContextOf[before + before_before]][token];
      before_before = before;
      before = token;
    }
  }
}

TokenModel::Shares TokenModel::shares_of(const std::array<std::uint32_t, kTokens>& counts, unsigned scale) {
  Shares shares{};
  const std::uint64_t whole = std::uint64_t{1} << scale;
  std::uint64_t all = 0;
  for (const std::uint32_t count : counts) all += count;
  if (all == 0) return shares;
  std::uint64_t given = 0;
  for (std::size_t token = 0; token < kTokens; ++token) {
    if (counts[token] == 0) continue;
    shares[token] = static_cast<std::uint16_t>(std::max<std::uint64_t>(1, (counts[token] * whole + all / 2) / all));
    given += shares[token];
  }
  while (given != whole) {  // the largest feels it least
    std::uint16_t& largest = *std::ranges::max_element(shares);
    const std::uint64_t change = given < whole ? whole - given : std::min<std::uint64_t>(given - whole, largest / 2U);
    largest = static_cast<std::uint16_t>(given < whole ? largest + change : largest - change);
    given = given < whole ? given + change : given - change;
  }
  return shares;
}

TokenModel::TokenModel(const TokenCounts& counts, std::size_t tokens)
    : scale_(std::clamp(static_cast<unsigned>(std::bit_width(tokens)), kScaleMin, kScaleMax)), shares_{} {
  TokenCounts one{};
  for (const auto& context : counts) {
    for (std::size_t token = 0; token < kTokens; ++token) one[0][token] += context[token];
  }
  bytes_ = choose(std::span(one).first(1), shares_);
  if (tokens >= kTokensForContexts) {
    std::array<Shares, kContexts> shares_of_all{};
    const std::size_t bytes_of_all = choose(counts, shares_of_all);
    if (bytes_of_all < bytes_) {
      bytes_ = bytes_of_all;
      shares_ = shares_of_all;
      contexts_ = kContexts;
    }
  }
  bytes_ += 4 + lanes_for(tokens) * 4;
}

std::size_t TokenModel::choose(std::span<const std::array<std::uint32_t, kTokens>> counts,
                               std::span<Shares> shares) const {
  double bits = 0;
  std::string models;
  BitWriter writer(models);
  for (std::size_t context = 0; context < counts.size(); ++context) {
    shares[context] = shares_of(counts[context], scale_);
    write_shares(writer, shares[context], 1U << scale_);
    for (std::size_t token = 0; token < kTokens; ++token) {
      const std::uint32_t count = counts[context][token];
      if (count != 0) bits += count * (scale_ - std::log2(shares[context][token]));
    }
  }
  writer.finish();
  return static_cast<std::size_t>(bits / 8) + models.size();
}

void TokenModel::append(std::string& out, std::span<const std::uint8_t> tokens) const {
  struct Coded {
    std::uint32_t first;
    std::uint32_t share;
  };
  std::array<std::array<Coded, kTokens>, kContexts> coded;
  for (std::size_t context = 0; context < contexts_; ++context) {
    std::uint32_t first = 0;
    for (std::size_t token = 0; token < kTokens; ++token) {
      coded[context][token] = {first, shares_[context][token]};
      first += shares_[context][token];
    }
  }
  const std::size_t length = lane_length(tokens.size());
  const std::size_t lanes = lanes_for(tokens.size());
  std::array<std::uint32_t, kLanes> states;
  states.fill(kStateMin);
  std::vector<std::uint16_t> words(tokens.size());
  std::size_t count = 0;
  for (std::size_t i = length; i-- > 0;) {  // backwards: what is written last is read first
    for (std::size_t lane = lanes; lane-- > 0;) {
      const std::size_t item = lane * length + i;
      if (item >= tokens.size()) continue;
      std::size_t context = 0;
      if (contexts_ > 1) context = kContextOf[(i > 0 ? tokens[item - 1] : 0U) + (i > 1 ? tokens[item - 2] : 0U)];
      const Coded& token = coded[context][tokens[item]];
      std::uint32_t& state = states[lane];
      if (state >= std::uint64_t{token.share} << (32 - scale_)) {
        words[count++] = static_cast<std::uint16_t>(state);
        state >>= 16U;
      }
      state = ((state / token.share) << scale_) + state % token.share + token.first;
    }
  }
  std::reverse(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
  ByteWriter bytes(out);
  bytes.fixed(static_cast<std::uint8_t>(scale_ | (contexts_ > 1 ? 0x10U : 0U)));
  bytes.varint(count);
  BitWriter bits(out);
  for (std::size_t context = 0; context < contexts_; ++context) write_shares(bits, shares_[context], 1U << scale_);
  bits.finish();
  for (std::size_t lane = 0; lane < lanes; ++lane) bytes.fixed(states[lane]);
  out.append(reinterpret_cast<const char*>(words.data()), count * sizeof(std::uint16_t));
}

bool read_tokens(ByteReader& in, std::span<std::uint8_t> tokens) {
  const auto kind = in.fixed<std::uint8_t>();
  const unsigned scale = kind & 0xfU;
  const bool many = (kind & 0x10U) != 0;
  const std::uint64_t words = in.varint();
  if (!in.ok() || kind >= 0x20 || scale < kScaleMin || scale > kScaleMax || words > tokens.size()) return false;
  const std::size_t contexts = many ? kContexts : 1;
  const auto places = std::make_unique_for_overwrite<std::uint32_t[]>(contexts << scale);
  BitReader models(in.rest());
  for (std::size_t context = 0; context < contexts; ++context) {
    if (!read_places(models, places.get() + (context << scale), 1U << scale)) return false;
  }
  in.bytes(models.bytes_read());
  const std::size_t lane_count = lanes_for(tokens.size());
  std::array<Lane, kLanes> lanes{};
  for (std::size_t lane = 0; lane < lane_count; ++lane) lanes[lane].state = in.fixed<std::uint32_t>();
  const std::string_view coded = in.bytes(words * sizeof(std::uint16_t));
  if (!in.ok()) return false;
  if (lane_count == kLanes) {
    return many ? decode<kLanes, true>(coded, places.get(), scale, lanes, tokens)
                : decode<kLanes, false>(coded, places.get(), scale, lanes, tokens);
  }
  return many ? decode<kLanesFew, true>(coded, places.get(), scale, lanes, tokens)
              : decode<kLanesFew, false>(coded, places.get(), scale, lanes, tokens);
}

}  // namespace temperature::history
