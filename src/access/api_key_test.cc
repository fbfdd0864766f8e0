#include "access/api_key.h"

#include <gtest/gtest.h>

#include <set>

namespace temperature::access {
namespace {

TEST(ApiKey, IsKnownByItsShape) {
  const auto made = make_api_key();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->text.starts_with("tsk_" + made->id + "_"));
  EXPECT_EQ(api_key_id(made->text), made->id);
  for (const std::string& wrong : {std::string(), made->text.substr(1), made->text + "x",
                                   made->text.substr(0, made->text.size() - 1), "tsx" + made->text.substr(3)}) {
    EXPECT_EQ(api_key_id(wrong), std::nullopt) << wrong;
  }
}

TEST(ApiKey, FindsEveryMistypedCharacter) {
  const auto made = make_api_key();
  for (std::size_t at = 0; at < made->text.size(); ++at) {
    std::string mistyped = made->text;
    mistyped[at] = mistyped[at] == 'x' ? 'y' : 'x';
    EXPECT_EQ(api_key_id(mistyped), std::nullopt) << at;
  }
}

TEST(ApiKey, IsAnotherEachTime) {
  std::set<std::string> ids;
  std::set<std::string> texts;
  for (int i = 0; i < 100; ++i) {
    const auto made = make_api_key();
    EXPECT_TRUE(ids.insert(made->id).second);
    EXPECT_TRUE(texts.insert(made->text.substr(17)).second);
  }
}

TEST(SecretHash, FitsItsOwnSecretAlone) {
  const auto made = make_api_key();
  const auto kept = hash_secret(made->text);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(matches(*kept, made->text));
  EXPECT_FALSE(matches(*kept, made->text + "x"));
  EXPECT_FALSE(matches(*kept, ""));
  EXPECT_FALSE(matches(*kept, make_api_key()->text));
  const auto again = hash_secret(made->text);
  EXPECT_NE(again->salt, kept->salt);  // two equal secrets do not look alike
  EXPECT_NE(again->hash, kept->hash);
}

TEST(SameSecret, ComparesAllOfIt) {
  EXPECT_TRUE(same_secret("", ""));
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "abcd"));
}

}  // namespace
}  // namespace temperature::access
