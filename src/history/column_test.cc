#include "history/column.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "history/bits.h"
#include "history/rans.h"
#include "history/tokens.h"

namespace temperature::history {
namespace {

constexpr std::int64_t kInt64Min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

TEST(Bits, come_back_as_they_were_written) {
  std::mt19937_64 random(1);
  std::vector<std::pair<std::uint64_t, unsigned>> written;
  std::string bytes;
  BitWriter out(bytes);
  for (int i = 0; i < 5'000; ++i) {
    const auto width = static_cast<unsigned>(random() % 65);
    written.emplace_back(random() & ones(width), width);
    out.write(written.back().first, width);
    out.write_gamma(written.back().first | 1U);
  }
  out.finish();
  BitReader in(bytes);
  for (const auto& [value, width] : written) {
    ASSERT_EQ(in.read(width), value);
    ASSERT_EQ(in.read_gamma(), value | 1U);
  }
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.bytes_read(), bytes.size());
}

TEST(Bits, past_the_end_are_zeros_and_an_error) {
  BitReader in("\xff");
  EXPECT_EQ(in.read(12), 0xffU);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.read(64), 0U);
  EXPECT_EQ(in.read_gamma(), 0U);
}

TEST(Tokens, and_their_further_bits_are_the_number) {
  std::vector<std::uint64_t> numbers{0, ~std::uint64_t{0}};
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    numbers.insert(numbers.end(), {power - 1, power, power + 1, power + power / 2 - 1, power + power / 2});
  }
  for (const std::uint64_t number : numbers) {
    const unsigned token = token_of(number);
    ASSERT_LT(token, kTokens);
    ASSERT_LE(number_of(token), number);
    ASSERT_LE(number - number_of(token), ones(extra_bits_of(token))) << number;
  }
  EXPECT_EQ(token_of(kTokensPlain - 1), kTokensPlain - 1);
  EXPECT_EQ(token_of(kTokensPlain), kTokensPlain);
  EXPECT_EQ(token_of(~std::uint64_t{0}), kTokens - 1);
}

// The bytes of a column, which must come back, alone and in front of others.
std::string column_of(const std::vector<std::int64_t>& numbers, unsigned order) {
  std::string bytes;
  auto scratch = numbers;
  append_column(bytes, scratch, order);
  const std::string followed = bytes + "others";
  ByteReader in(followed);
  std::vector<std::int64_t> back(numbers.size());
  EXPECT_TRUE(read_column(in, back));
  EXPECT_EQ(back, numbers);
  EXPECT_EQ(in.rest(), "others");
  return bytes;
}

struct NumberKind {
  const char* what;
  std::function<std::int64_t(std::int64_t, std::uint64_t)> number;  // of a running number and chance
};
const std::vector<NumberKind> kNumberKinds{
    {"nothing but zero", [](std::int64_t, std::uint64_t) { return 0; }},
    {"a ramp", [](std::int64_t i, std::uint64_t) { return 7 * i; }},
    {"a parabola", [](std::int64_t i, std::uint64_t) { return 3 * i * i - 5; }},
    {"noise", [](std::int64_t, std::uint64_t chance) { return static_cast<std::int64_t>(chance % 9) - 4; }},
    {"noise in thousands",
     [](std::int64_t, std::uint64_t chance) { return 60'000 + static_cast<std::int64_t>(chance % 3) * 1'000; }},
    {"wide noise", [](std::int64_t, std::uint64_t chance) { return static_cast<std::int64_t>(chance % 100'000); }},
    {"anything", [](std::int64_t, std::uint64_t chance) { return static_cast<std::int64_t>(chance); }},
    {"the ends of what there is", [](std::int64_t i, std::uint64_t) { return i % 2 == 0 ? kInt64Min : kInt64Max; }},
    {"a rare giant", [](std::int64_t i, std::uint64_t) { return i % 100 == 50 ? kInt64Max : 1; }},
    {"numbers of every size",
     [](std::int64_t i, std::uint64_t chance) { return static_cast<std::int64_t>(chance >> (i % 64)); }},
    {"calm and storm",
     [](std::int64_t i, std::uint64_t chance) {
       return static_cast<std::int64_t>(i / 100 % 2 == 0 ? 0 : chance % 50);
     }},
};

TEST(Column, keeps_any_numbers) {
  for (const auto& [what, number] : kNumberKinds) {
    for (const std::int64_t count : {1, 2, 3, 31, 32, 33, 255, 256, 257, 1'000, 4'095, 4'096, 4'097, 16'384}) {
      SCOPED_TRACE(std::string(what) + ", " + std::to_string(count));
      std::mt19937_64 random(5);
      std::vector<std::int64_t> numbers;
      for (std::int64_t i = 0; i < count; ++i) numbers.push_back(number(i, random()));
      for (unsigned order = 0; order < kOrders; ++order) column_of(numbers, order);
      ASSERT_FALSE(HasFailure());
    }
  }
  EXPECT_TRUE(column_of({}, 1).empty());
}

TEST(Column, finds_what_foretells_the_numbers) {
  std::vector<std::int64_t> ramp;
  std::vector<std::int64_t> parabola;
  std::vector<std::int64_t> thousands;
  std::mt19937_64 random(5);
  for (std::int64_t i = 0; i < 2'000; ++i) {
    ramp.push_back(1'000'000 + 17 * i);
    parabola.push_back(3 * i * i);
    thousands.push_back(60'000 + static_cast<std::int64_t>(random() % 2) * 1'000);
  }
  for (unsigned order = 0; order < kOrders; ++order) {
    EXPECT_LE(column_of(ramp, order).size(), 8U);
    EXPECT_LE(column_of(parabola, order).size(), 8U);
    EXPECT_LE(column_of(thousands, order).size(), 2'000 / 8 + 32U);  // a bit each
  }
}

TEST(Column, is_refused_when_it_is_cut_short) {
  std::mt19937_64 random(5);
  for (const std::uint64_t bound : {9U, 100'000U}) {
    for (const std::size_t count : {std::size_t{10}, std::size_t{500}, std::size_t{5'000}}) {
      std::vector<std::int64_t> numbers(count);
      for (std::int64_t& number : numbers) number = static_cast<std::int64_t>(random() % bound);
      const std::string bytes = column_of(numbers, 0);
      const std::size_t step = std::max<std::size_t>(1, bytes.size() / 300);
      for (std::size_t length = 0; length < bytes.size(); length += step) {
        ByteReader in(std::string_view(bytes).substr(0, length));
        ASSERT_FALSE(read_column(in, numbers)) << length;
      }
    }
  }
}

TEST(Rans, spends_about_the_entropy_on_tokens) {
  // Of 1,000 tokens 990 are one and 10 another: 0.081 bits each by Shannon.
  std::vector<std::uint8_t> tokens(16'000, 3);
  std::mt19937_64 random(8);
  for (std::uint8_t& token : tokens) token = random() % 100 == 0 ? 140 : 3;
  TokenCounts counts{};
  count_tokens(tokens, counts);
  const TokenModel model(counts, tokens.size());
  std::string bytes;
  model.append(bytes, tokens);
  EXPECT_LE(bytes.size(), 0.081 / 8 * 16'000 * 1.1 + 30);
  EXPECT_NEAR(static_cast<double>(model.bytes()), static_cast<double>(bytes.size()), 16);
  std::vector<std::uint8_t> back(tokens.size());
  ByteReader in(bytes);
  ASSERT_TRUE(read_tokens(in, back));
  EXPECT_EQ(back, tokens);
}

TEST(Rans, takes_every_token_there_is) {
  std::vector<std::uint8_t> tokens;
  for (unsigned i = 0; i < 8 * kTokens; ++i) tokens.push_back(static_cast<std::uint8_t>(i * i % kTokens));
  for (unsigned i = 0; i < kTokens; ++i) tokens.push_back(static_cast<std::uint8_t>(i));
  TokenCounts counts{};
  count_tokens(tokens, counts);
  std::string bytes;
  TokenModel(counts, tokens.size()).append(bytes, tokens);
  std::vector<std::uint8_t> back(tokens.size());
  ByteReader in(bytes);
  ASSERT_TRUE(read_tokens(in, back));
  EXPECT_EQ(back, tokens);
}

}  // namespace
}  // namespace temperature::history
