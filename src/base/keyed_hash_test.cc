#include "base/keyed_hash.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "testing/colliding_names.h"

namespace temperature {
namespace {

constexpr std::size_t kNames = 4'096;

// How many of the hashes lie in the fullest of as many equal parts of all hashes.
std::size_t fullest(const std::vector<std::uint64_t>& hashes, unsigned shift) {
  std::array<std::size_t, kNames> parts{};
  for (const std::uint64_t hash : hashes) ++parts[(hash >> shift) % kNames];
  return *std::ranges::max_element(parts);
}

// Of random hashes the fullest part has 6 or 7; 17 are found once in 10^11 times.
TEST(KeyedHash, spreads_names_that_collide_without_a_secret) {
  const auto names = testing::colliding_names(kNames);
  std::vector<std::uint64_t> hashes;
  for (const std::string& name : names) {
    ASSERT_EQ(std::hash<std::string_view>()(name), std::hash<std::string_view>()(names.front()));
    hashes.push_back(keyed_hash(name));
  }
  EXPECT_LE(fullest(hashes, 0), 16U);
  EXPECT_LE(fullest(hashes, 52), 16U);
}

TEST(KeyedHash, spreads_numbers_that_lie_far_apart) {
  std::vector<std::uint64_t> hashes;
  for (std::uint64_t i = 0; i < kNames; ++i) hashes.push_back(keyed_hash(i << 52U));
  EXPECT_LE(fullest(hashes, 0), 16U);
  EXPECT_LE(fullest(hashes, 52), 16U);
}

TEST(KeyedHash, looks_at_every_byte) {
  std::set<std::uint64_t> hashes;
  std::size_t texts = 0;
  for (std::size_t size = 0; size <= 300; ++size) {
    std::string text(size, 'a');
    hashes.insert(keyed_hash(text));
    for (char& c : text) {
      c = 'b';
      hashes.insert(keyed_hash(text));
      c = 'a';
    }
    texts += size + 1;
  }
  EXPECT_EQ(hashes.size(), texts);
}

TEST(KeyedHash, of_several_texts_tells_them_apart) {
  EXPECT_NE(keyed_hash_of("ab", "c"), keyed_hash_of("a", "bc"));
  EXPECT_NE(keyed_hash_of("a", "b"), keyed_hash_of("b", "a"));
  EXPECT_NE(keyed_hash_of("a", "a"), keyed_hash_of("b", "b")) << "the same text twice does not cancel out";
  EXPECT_EQ(keyed_hash_of("a", std::string("b")), keyed_hash_of(std::string("a"), "b"));
}

// What another process says to the same name, of this program.
std::string hash_elsewhere() {
  std::array<char, 4'096> path{};
  if (readlink("/proc/self/exe", path.data(), path.size() - 1) < 0) return "";
  const std::string command = "'" + std::string(path.data()) + "' --gtest_filter=KeyedHash.says_one 2>&1";
  std::string said;
  FILE* output = popen(command.c_str(), "r");
  if (output == nullptr) return "";
  for (int c = 0; (c = std::fgetc(output)) != EOF;) said.push_back(static_cast<char>(c));
  pclose(output);
  const std::size_t begin = said.find("hash=");
  return begin == std::string::npos ? "" : said.substr(begin, said.find('\n', begin) - begin);
}

TEST(KeyedHash, says_one) {
  EXPECT_EQ(keyed_hash("kitchen"), keyed_hash(std::string("kitchen")));
  std::printf("hash=%016llx\n", static_cast<unsigned long long>(keyed_hash("kitchen")));
}

TEST(KeyedHash, is_another_in_each_process) {
  const std::string first = hash_elsewhere();
  const std::string second = hash_elsewhere();
  EXPECT_FALSE(first.empty());
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace temperature
