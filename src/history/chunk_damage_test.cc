#include <gtest/gtest.h>

#include "history/chunk.h"
#include "history/chunk_for_test.h"

namespace temperature::history {
namespace {

std::vector<std::string> chunks() {
  auto restless = every(kSecondMs, drift(700));
  for (std::size_t i = 0; i < restless.size(); ++i) restless[i].timestamp += Duration(i * i % 17);
  return {chunk_of(every(kSecondMs, {21.5, 21.51, -0.0, 3})), chunk_of(every(kMinuteMs, drift(900))),
          chunk_of(restless)};
}

TEST(ChunkDamage, of_any_byte_is_found) {
  for (const std::string& chunk : chunks()) {
    for (std::size_t at = 0; at < chunk.size(); ++at) {
      for (const int change : {0x01, 0x80, 0xff}) {
        std::string damaged = chunk;
        damaged[at] = static_cast<char>(damaged[at] ^ change);
        std::string_view rest = damaged;
        std::vector<Sample> out;
        const auto view = ChunkView::take(rest);
        const auto decoded = view ? view->decode(out) : std::unexpected(view.error());
        ASSERT_FALSE(decoded) << change << " at " << at;
        ASSERT_EQ(decoded.error().code, ErrorCode::history_failed);
        ASSERT_TRUE(out.empty());
        ASSERT_TRUE(view || rest == damaged);
      }
    }
  }
}

// Frames answer without the body: what is wrong there must not be hidden, what is wrong behind them must not matter.
TEST(ChunkDamage, of_the_body_leaves_the_frames_readable) {
  const auto samples = every(kMinuteMs, drift(900));
  std::string bytes = chunk_of(samples);
  bytes[bytes.size() - 10] = static_cast<char>(bytes[bytes.size() - 10] ^ 1);
  std::string_view rest = bytes;
  const auto chunk = ChunkView::take(rest);
  ASSERT_TRUE(chunk);
  expect_frames(*chunk, samples);
  std::vector<Sample> out;
  EXPECT_FALSE(chunk->decode(out));
}

TEST(ChunkDamage, by_cutting_short_is_found_at_every_length) {
  for (const std::string& chunk : chunks()) {
    for (std::size_t length = 0; length < chunk.size(); ++length) {
      std::string_view rest = std::string_view(chunk).substr(0, length);
      const auto view = ChunkView::take(rest);
      ASSERT_FALSE(view) << length;
      ASSERT_EQ(view.error().code, ErrorCode::history_failed);
      ASSERT_EQ(rest.size(), length);
    }
  }
}

TEST(ChunkDamage, is_not_what_another_version_is_called) {
  std::string chunk = chunk_of(every(kSecondMs, drift(20)));
  ASSERT_EQ(chunk[0], kChunkVersion);
  chunk[0] = 2;
  std::string_view rest = chunk;
  const auto view = ChunkView::take(rest);
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().detail, "a chunk of the history is of version 2, which this program does not read");
}

}  // namespace
}  // namespace temperature::history
