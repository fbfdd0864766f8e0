#include "upkeep/format_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "testing/temporary_folder.h"

namespace temperature::upkeep {
namespace {

constexpr const char* kJournal = "0f8fad5b-d9cb-469f-a165-70867728950e";

class FormatFileTest : public ::testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(folder_.path() / kFormatFile, std::ios::binary) << text; }
  std::string text() {
    std::ifstream in(folder_.path() / kFormatFile, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Result<std::optional<FormatFile>> read() { return read_format(folder_.path()); }

  testing::TemporaryFolder folder_;
};

TEST_F(FormatFileTest, is_written_as_it_is_read) {
  for (const std::string& each :
       {std::string("temperature-service 1\n"), std::string("temperature-service 3\njournal_id ") + kJournal + "\n",
        std::string("temperature-service 2\njournal_id ") + kJournal +
            "\nforked_from 5a8fad5b-d9cb-469f-a165-70867728950e 17\nof another program 7\n"}) {
    write(each);
    const auto format = read();
    ASSERT_TRUE(format && *format) << each;
    ASSERT_TRUE(write_format(folder_.path(), **format));
    EXPECT_EQ(text(), each);
  }
}

TEST_F(FormatFileTest, a_new_folder_has_none) {
  const auto format = read();
  ASSERT_TRUE(format);
  EXPECT_FALSE(*format);
}

TEST_F(FormatFileTest, what_is_not_understood_is_refused) {
  const std::string id = std::string("journal_id ") + kJournal + "\n";
  const std::string fork = std::string("forked_from ") + kJournal;
  for (const std::string& lines :
       {std::string("journal_id 7\n"), std::string("journal_id \n"), id + id, fork + "\n", fork + " 01\n",
        fork + " -1\n", fork + " 1x\n", fork + " 18446744073709551616\n", fork + " 1\n" + fork + " 1\n",
        std::string("journal_id 00000000-0000-0000-0000-000000000000\n")}) {
    write("temperature-service 3\n" + lines);
    const auto format = read();
    ASSERT_FALSE(format) << lines;
    EXPECT_NE(format.error().detail.find("FORMAT is damaged"), std::string::npos) << format.error().detail;
  }
}

TEST_F(FormatFileTest, a_fork_tells_where_it_comes_from) {
  const FormatFile parent{.version = 3, .journal = *JournalId::parse(kJournal)};
  const FormatFile fork = forked(parent, Position(17));
  EXPECT_NE(fork.journal, parent.journal);
  EXPECT_FALSE(fork.journal.none());
  EXPECT_EQ(fork.forked_from, (FormatFile::Fork{parent.journal, Position(17)}));
  EXPECT_FALSE(forked({.version = 3, .journal = {}}, Position(17)).forked_from);
}

}  // namespace
}  // namespace temperature::upkeep
