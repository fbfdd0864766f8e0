#include "audit/entry.h"

#include <gtest/gtest.h>

namespace temperature::audit {
namespace {

Entry of_hall() {
  return {.position = Position(7),
          .journal = *JournalId::parse("0f0e0d0c-0b0a-4908-8706-050403020100"),
          .received = timestamp_from_ms(1'700'000'000'123),
          .who = "keeper",
          .building = "main",
          .room = "hall",
          .from = timestamp_from_ms(1'699'000'000'000),
          .to = timestamp_from_ms(1'699'000'060'000),
          .reason = "a loose wire",
          .count = 3};
}

// FIPS 180-4's example of one block.
TEST(AuditEntry, is_hashed_by_sha_256) {
  EXPECT_EQ(text_of(hash_of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(AuditEntry, reads_back_as_it_was_written) {
  Head head;
  std::vector<Entry> entries{of_hall(), of_hall(), Entry{.position = Position(9)}};
  entries[1].position = Position(8);
  entries[1].kind = Kind::replacement;
  entries[1].sensor = "s1";
  entries[1].quantity = "co2";
  entries[1].purge = true;
  entries[1].count = std::nullopt;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Hash before = head.hash;
    const Link link = append(head, entries[i]);
    const auto read = decode(encode(link));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->entry, entries[i]);
    EXPECT_EQ(read->number, i + 1);
    EXPECT_EQ(read->previous, before);
    EXPECT_EQ(read->hash, head.hash);
    EXPECT_EQ(head.position, entries[i].position);
  }
  EXPECT_EQ(decode_head(encode(head)), head);
}

// The bytes by hand, as docs/formats/audit.md draws them.
TEST(AuditEntry, has_the_bytes_that_are_documented) {
  Head head;
  const Link link = append(head, {.position = Position(2),
                                  .received = timestamp_from_ms(1),
                                  .who = "me",
                                  .building = "b",
                                  .room = "r",
                                  .from = timestamp_from_ms(2),
                                  .to = timestamp_from_ms(3),
                                  .reason = "why",
                                  .purge = true,
                                  .count = 4});
  using namespace std::string_literals;
  const std::string bytes = std::string(32, '\0') +  // nothing is before it
                            "\x01"s +                // version
                            "\1\0\0\0\0\0\0\0"s +    // number
                            "\x03"s +                // a deletion
                            "\x33"s +                // building, room, purge, counted
                            "\2\0\0\0\0\0\0\0"s +    // position
                            "\0"s +                  // no journal's id
                            "\1\0\0\0\0\0\0\0"s +    // received
                            "\2\0\0\0\0\0\0\0"s +    // from
                            "\3\0\0\0\0\0\0\0"s +    // to
                            "\4\0\0\0\0\0\0\0"s +    // count
                            "\2me"s + "\1b"s + "\1r"s + "\3why"s;
  EXPECT_EQ(hashed_bytes(link), bytes);
  const Hash hash = hash_of(bytes);
  EXPECT_EQ(encode(link), bytes + std::string(hash.begin(), hash.end()));
}

TEST(AuditEntry, is_refused_cut_short_or_with_more) {
  Head head;
  const std::string bytes = encode(append(head, of_hall()));
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode(bytes.substr(0, size))) << size;
  EXPECT_FALSE(decode(bytes + "x"));
  const std::string end = encode(head);
  for (std::size_t size = 0; size < end.size(); ++size) EXPECT_FALSE(decode_head(end.substr(0, size))) << size;
  EXPECT_FALSE(decode_head(end + "x"));
}

TEST(AuditEntry, tells_a_hash_from_another_text) {
  const Hash hash = hash_of("abc");
  EXPECT_EQ(parse_hash(text_of(hash)), hash);
  EXPECT_FALSE(parse_hash(""));
  EXPECT_FALSE(parse_hash(text_of(hash).substr(1)));
  EXPECT_FALSE(parse_hash("g" + text_of(hash).substr(1)));
}

}  // namespace
}  // namespace temperature::audit
