#include "mirror/local_state.h"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/temporary_folder.h"

namespace temperature::mirror {
namespace {

LocalState some_state() {
  LocalState state{.journal = *JournalId::parse("0f8fad5b-d9cb-469f-a165-70867728950e"),
                   .base = Position(7),
                   .covered = Position(99),
                   .owed = {},
                   .fence = 12,
                   .origin = LocalState::Origin{*JournalId::parse("5a8fad5b-d9cb-469f-a165-70867728950e"), Position(12),
                                                Position(3)}};
  state.owed.add({WindowId(1), kTimestampMin, timestamp_from_ms(-5)});
  state.owed.add({WindowId(1), timestamp_from_ms(1'700'000'000'000), kTimestampMax});
  state.owed.add({WindowId(77), timestamp_from_ms(0), timestamp_from_ms(1)});
  return state;
}

TEST(LocalState, is_read_as_it_was_written) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(read_local_state(folder.path()).value(), std::nullopt);
  ASSERT_TRUE(write_local_state(folder.path(), some_state()));
  EXPECT_EQ(read_local_state(folder.path()).value(), some_state());
  LocalState plain{.journal = JournalId::make(), .base = {}, .covered = {}, .owed = {}};
  ASSERT_TRUE(write_local_state(folder.path(), plain));
  EXPECT_EQ(read_local_state(folder.path()).value(), plain);
}

TEST(LocalState, of_which_a_byte_is_another_is_damaged) {
  const std::string text = encode_local_state(some_state());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_EQ(decode_local_state(damaged), std::nullopt) << i;
    EXPECT_EQ(decode_local_state(std::string_view(text).substr(0, i)), std::nullopt) << i;
  }
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() / kLocalStateFile) << text << "x";
  EXPECT_FALSE(read_local_state(folder.path()));
}

}  // namespace
}  // namespace temperature::mirror
