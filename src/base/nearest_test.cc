#include "base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace temperature {
namespace {

const std::vector<std::string> kKnown{"retention", "range", "listen", "limit-key"};

TEST(Nearest, TakesTheFewestChanges) {
  EXPECT_EQ(nearest("retentoin", kKnown), "retention");
  EXPECT_EQ(nearest("rage", kKnown), "range");
  EXPECT_EQ(nearest("listen", kKnown), "listen");
  EXPECT_EQ(nearest("limitkey", kKnown), "limit-key");
}

TEST(Nearest, TheFirstOfSeveral) {
  const std::vector<std::string> alike{"ab", "ac"};
  EXPECT_EQ(nearest("ad", alike), "ab");
}

TEST(Nearest, NothingIsKnown) {
  EXPECT_EQ(nearest("retention", {}), "");
  EXPECT_EQ(nearest("", kKnown), "range");  // five letters to add; the others have more
}

const std::vector<std::string> kCommands{"serve", "config", "export", "import", "backup", "list", "revoke", "rotate"};

TEST(Nearest, distances_are_those_of_the_textbooks) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("saturday", "sunday"), 3U);
  EXPECT_EQ(edit_distance("exprot", "export"), 1U);  // two neighbours swapped
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);         // optimal string alignment touches no letter twice
}

TEST(Nearest, typing_errors_and_short_forms_name_what_was_meant) {
  for (const auto& [word, meant] :
       {std::pair("serv", "serve"), std::pair("sevre", "serve"), std::pair("exprot", "export"), std::pair("ls", "list"),
        std::pair("bakcup", "backup"), std::pair("confg", "config")}) {
    EXPECT_EQ(nearest_word(word, kCommands), meant) << word;
  }
  EXPECT_EQ(did_you_mean("serv", kCommands), "; did you mean \"serve\"?");
}

TEST(Nearest, what_is_far_from_all_names_none) {
  for (const std::string& word : {std::string(), std::string("x"), std::string("frobnicate"),
                                  std::string("temperature"), std::string(100'000, 's')}) {
    EXPECT_EQ(nearest_word(word, kCommands), "") << word.substr(0, 20);
    EXPECT_EQ(did_you_mean(word, kCommands), "") << word.substr(0, 20);
  }
  EXPECT_EQ(nearest_word("serve", {}), "");
  const std::vector<std::string> flags{"--max-ahead", "--data-dir"};
  EXPECT_EQ(nearest_word("--max", flags), "--max-ahead");
  EXPECT_EQ(nearest_word("-x", flags), "") << "one of its letters is nobody's short form";
}

}  // namespace
}  // namespace temperature
