#include "client/gunzip.h"

#include <gtest/gtest.h>

#include <array>

#include "client/gzip_for_test.h"

namespace temperature::client {
namespace {

struct Unpacked {
  std::string text;
  std::string error;
};

Unpacked unpack(const std::string& bytes, std::size_t bytes_at_once) {
  MemorySource source(bytes, bytes_at_once);
  PlainOrGzip reader(source);
  Unpacked unpacked;
  std::array<char, 1000> piece{};
  for (;;) {
    const auto count = reader.read(piece);
    if (!count) {
      unpacked.error = count.error().detail;
      return unpacked;
    }
    if (*count == 0) return unpacked;
    unpacked.text.append(piece.data(), *count);
  }
}

std::string many_lines() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * i) + ",room\n";
  return text;
}

void f(const std::string& bytes, const std::string& want) {
  for (const std::size_t bytes_at_once : {1U, 5U, 1U << 20}) {
    const Unpacked got = unpack(bytes, bytes_at_once);
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.text, want);
  }
}

TEST(PlainOrGzip, leaves_plain_text_alone) {
  f("", "");
  f("a", "a");
  f("timestamp,value\n", "timestamp,value\n");
  f(many_lines(), many_lines());
}

TEST(PlainOrGzip, unpacks_by_content) {
  f(gzip("timestamp,value\n"), "timestamp,value\n");
  f(gzip(many_lines()), many_lines());
  f(gzip(""), "");
}

TEST(PlainOrGzip, takes_several_members_as_one_text) {
  f(gzip("a\n") + gzip("") + gzip("b\n"), "a\nb\n");
  f(gzip("a\n") + std::string(600, '\0'), "a\n");
}

TEST(PlainOrGzip, hands_out_what_came_before_a_text_that_ends_early) {
  const std::string whole = gzip(many_lines());
  const Unpacked got = unpack(whole.substr(0, whole.size() / 2), 1000);
  EXPECT_NE(got.error.find("ends early"), std::string::npos) << got.error;
  EXPECT_GT(got.text.size(), 0U);
  EXPECT_TRUE(many_lines().starts_with(got.text));
  // Only the checksum behind the text is missing: still not complete.
  EXPECT_NE(unpack(whole.substr(0, whole.size() - 1), 1000).error.find("ends early"), std::string::npos);
}

TEST(PlainOrGzip, refuses_damage) {
  std::string damaged = gzip(many_lines());
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);  // in the checksum
  EXPECT_NE(unpack(damaged, 1000).error.find("damaged"), std::string::npos);
  EXPECT_NE(unpack(gzip("a\n") + "b\n", 1000).error.find("something else"), std::string::npos);
}

}  // namespace
}  // namespace temperature::client
