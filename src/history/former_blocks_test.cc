#include "history/former_blocks.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <cmath>

#include "base/bytes.h"
#include "base/time.h"

// Blocks as docs/formats/history.md draws them under "Format 1", written here by hand. A whole folder of them is in
// tests/formats, for the system tests.
namespace temperature::history {
namespace {

constexpr std::int64_t kNoonMs = 1'700'000'000'000;
constexpr std::uint8_t kRaw = 255;

struct Block {
  std::vector<std::int64_t> ms;
  std::vector<double> values;
  int decimals = kRaw;
  std::uint8_t version = 1;

  [[nodiscard]] std::string bytes() const {
    std::string body;
    ByteWriter out(body);
    out.fixed(version);
    out.varint(ms.size());
    out.fixed(ms.front());
    out.varint(static_cast<std::uint64_t>(ms.back() - ms.front()));
    std::int64_t step = 0;
    for (std::size_t i = 1; i < ms.size(); ++i) {
      out.zigzag(ms[i] - ms[i - 1] - step);
      step = ms[i] - ms[i - 1];
    }
    out.fixed(static_cast<std::uint8_t>(decimals));
    std::int64_t before = 0;
    for (const double value : values) {
      if (decimals == kRaw) {
        out.fixed(value);
        continue;
      }
      const auto whole = static_cast<std::int64_t>(std::llround(value * std::pow(10, decimals)));
      out.zigzag(whole - before);
      before = whole;
    }
    std::string bytes;
    ByteWriter(bytes).fixed(libdeflate_crc32(0, body.data(), body.size()));
    return bytes + body;
  }
};

TEST(FormerBlocks, are_read_as_they_were_written) {
  const std::vector<Block> blocks{
      {{kNoonMs}, {21.5}, 1},
      {{kNoonMs, kNoonMs + 1'000, kNoonMs + 2'000, kNoonMs + 2'001}, {-3.25, 0, 20.07, 1e6}, 2},
      {{-5, 0, 5, 1'000'000'000'000}, {1, 2, 3, 4}, 0},
      {{kNoonMs, kNoonMs + 7}, {0.1 + 0.2, -0.0}},
      {{kNoonMs, kNoonMs + 7}, {123.456789, -0.000001}, 6},
  };
  for (const Block& block : blocks) {
    std::vector<Sample> samples{{timestamp_from_ms(1), 1}};
    ASSERT_TRUE(decode_former_block(block.bytes(), samples));
    ASSERT_EQ(samples.size(), block.ms.size() + 1) << "appended";
    for (std::size_t i = 0; i < block.ms.size(); ++i) {
      EXPECT_EQ(to_ms(samples[i + 1].timestamp), block.ms[i]);
      EXPECT_EQ(samples[i + 1].value, block.values[i]);
      EXPECT_EQ(std::signbit(samples[i + 1].value), std::signbit(block.values[i]));
    }
  }
}

TEST(FormerBlocks, hold_as_many_readings_as_they_could) {
  Block block;
  for (std::size_t i = 0; i < limits::kFormerBlockReadingsMax; ++i) {
    block.ms.push_back(kNoonMs + static_cast<std::int64_t>(i) * 1'000);
    block.values.push_back(20);
  }
  std::vector<Sample> samples;
  EXPECT_TRUE(decode_former_block(block.bytes(), samples));
  block.ms.push_back(block.ms.back() + 1);
  block.values.push_back(20);
  EXPECT_FALSE(decode_former_block(block.bytes(), samples));
}

TEST(FormerBlocks, that_are_damaged_are_not_read) {
  const Block good{{kNoonMs, kNoonMs + 1'000, kNoonMs + 2'000}, {20, 21, 22}, 1};
  const std::string bytes = good.bytes();
  std::vector<Sample> samples;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int change : {0x01, 0x80}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ change);
      EXPECT_FALSE(decode_former_block(damaged, samples)) << change << " at " << at;
    }
  }
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(decode_former_block(std::string_view(bytes).substr(0, length), samples)) << length;
  }
  EXPECT_FALSE(decode_former_block(bytes + "x", samples));
  Block other = good;
  other.version = 2;
  EXPECT_FALSE(decode_former_block(other.bytes(), samples));
  other = good;
  other.decimals = 7;
  EXPECT_FALSE(decode_former_block(other.bytes(), samples));
  other = good;
  other.ms = {kNoonMs, kNoonMs, kNoonMs + 1};
  EXPECT_FALSE(decode_former_block(other.bytes(), samples)) << "a moment twice";
  EXPECT_TRUE(samples.empty());
}

}  // namespace
}  // namespace temperature::history
