#include "audit/chain.h"

#include <gtest/gtest.h>

#include <vector>

namespace temperature::audit {
namespace {

struct Stored {
  Position key;
  std::string value;
};

class Chain : public ::testing::Test {
 protected:
  Chain() {
    for (std::uint64_t i = 1; i <= 5; ++i) {
      const Link link = append(head, {.position = Position(i * 3), .who = "keeper", .room = "hall", .count = i});
      stored.push_back({link.entry.position, encode(link)});
    }
  }
  // What is found, each in words.
  std::vector<std::string> check(const std::optional<Head>& end) {
    ChainCheck chain;
    std::vector<std::string> found;
    for (const Stored& each : stored) {
      if (auto trouble = chain.take(each.key, each.value)) found.push_back(*trouble);
    }
    if (auto trouble = chain.finish(end)) found.push_back(*trouble);
    return found;
  }
  void expect_found(const std::string& words) {
    const auto found = check(head);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].find(words), std::string::npos) << found[0];
  }

  Head head;
  std::vector<Stored> stored;
};

TEST_F(Chain, fits_as_it_was_written) {
  EXPECT_TRUE(check(head).empty());
  stored.clear();
  EXPECT_TRUE(check(Head{}).empty());
  EXPECT_TRUE(check(std::nullopt).empty()) << "nothing was ever judged";
}

TEST_F(Chain, tells_of_every_flipped_bit) {
  const std::string whole = stored[2].value;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    stored[2].value = whole;
    stored[2].value[bit / 8] = static_cast<char>(stored[2].value[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(check(head).size(), 1U) << "bit " << bit;
  }
}

TEST_F(Chain, tells_of_an_entry_that_is_missing) {
  stored.erase(stored.begin() + 2);
  expect_found("position 12 is number 4, and number 2 is before it: entries are missing");
}

TEST_F(Chain, tells_of_a_first_entry_that_is_missing) {
  stored.erase(stored.begin());
  expect_found("position 6 is number 2, and number 0 is before it");
}

TEST_F(Chain, tells_of_a_last_entry_that_is_missing) {
  stored.pop_back();
  expect_found("ends with entry 4, and 5 were written");
}

// Its own hash is made anew, so that it fits; the next one tells.
TEST_F(Chain, tells_of_an_entry_that_was_written_anew) {
  Link link = *decode(stored[1].value);
  link.entry.who = "somebody else";
  link.hash = hash_of(hashed_bytes(link));
  stored[1].value = encode(link);
  expect_found("entry 3 at position 9 does not go on from the one before it");
}

TEST_F(Chain, tells_of_a_last_entry_that_was_written_anew) {
  Link link = *decode(stored[4].value);
  link.entry.who = "somebody else";
  link.hash = hash_of(hashed_bytes(link));
  stored[4].value = encode(link);
  expect_found("is not the end of the chain");
}

TEST_F(Chain, tells_of_an_entry_under_another_key) {
  stored[3].key = Position(13);
  expect_found("position 13, the 4. of those that are there, is that of another position");
}

TEST_F(Chain, tells_of_an_end_that_is_not_stored) {
  EXPECT_EQ(check(std::nullopt).size(), 1U);
}

}  // namespace
}  // namespace temperature::audit
