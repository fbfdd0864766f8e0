#include "upkeep/folder_state.h"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/read_file.h"
#include "testing/temporary_folder.h"

namespace temperature::upkeep {
namespace {

namespace fs = std::filesystem;
using testing::read_file;
using Moment = FolderState::Moment;

// A data folder with one store, as far as anybody looks at it here.
class FolderStateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(data() / "journal");
    put_all();
  }
  void put_all() const {
    put("FORMAT", "temperature-service 3\n");
    put("admin.key", "secret\n");
    put("journal/CURRENT", "MANIFEST-000005\n");
    put("journal/MANIFEST-000005", "some edits");
    put("journal/000004.log", "some records");
    put("journal/OPTIONS-000007", "what nobody reads");
  }
  [[nodiscard]] fs::path data() const { return place.path(); }
  void put(const std::string& name, const std::string& bytes) const {
    std::ofstream(data() / name, std::ios::binary | std::ios::trunc) << bytes;
  }
  [[nodiscard]] FolderState take(Moment moment) const {
    auto state = take_state(data(), moment, {"journal"}, {"admin.key"});
    CHECK(state);
    return *state;
  }
  [[nodiscard]] bool has_none() const {
    const auto state = read_state(data());
    return state && !*state;
  }
  // What is found after a change that is undone afterwards.
  template <class Change>
  std::string found_after(const FolderState& state, const std::string& name, Change change) {
    const std::string before = read_file(data() / name);
    change(data() / name);
    std::string found;
    for (const std::string& what : differences(data(), state)) found += what + ";";
    put(name, before);
    return found;
  }

  testing::TemporaryFolder place;
};

void flip(const fs::path& file) {
  std::string bytes = read_file(file);
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}
void cut(const fs::path& file) {
  fs::resize_file(file, fs::file_size(file) - 3);
}
void double_it(const fs::path& file) {
  const std::string bytes = read_file(file);
  std::ofstream(file, std::ios::binary | std::ios::app) << bytes;
}
void empty(const fs::path& file) {
  fs::resize_file(file, 0);
}
void remove(const fs::path& file) {
  fs::remove(file);
}

TEST_F(FolderStateTest, tells_of_everything_that_became_of_a_stopped_folder) {
  const FolderState state = take(Moment::stopped);
  EXPECT_TRUE(differences(data(), state).empty());
  for (const std::string name : {"admin.key", "journal/CURRENT", "journal/MANIFEST-000005", "journal/000004.log"}) {
    for (const auto& change : {flip, cut, double_it, empty, remove}) {
      EXPECT_NE(found_after(state, name, change).find((data() / name).string()), std::string::npos) << name;
    }
  }
  for (const auto& change : {flip, cut, empty, remove}) {
    EXPECT_NE(found_after(state, "FORMAT", change).find("FORMAT is damaged"), std::string::npos);
  }
  EXPECT_EQ(found_after(state, "FORMAT", double_it), "") << "more lines are allowed";
  EXPECT_EQ(found_after(state, "journal/OPTIONS-000007", flip), "");
}

TEST_F(FolderStateTest, lets_files_grow_and_come_while_it_is_in_use) {
  const FolderState state = take(Moment::serving);
  put("journal/MANIFEST-000005", "some edits, and more of them");
  put("journal/000004.log", "other records");
  put("journal/000008.log", "");
  EXPECT_TRUE(differences(data(), state).empty());
  fs::remove(data() / "journal/000004.log");
  EXPECT_TRUE(differences(data(), state).empty());
  fs::remove(data() / "journal/000008.log");
  EXPECT_EQ(differences(data(), state).size(), 1U) << "no log took the place of 000004.log";
  put("journal/000008.log", "");
  EXPECT_NE(found_after(state, "journal/MANIFEST-000005", [](const fs::path& file) { fs::resize_file(file, 9); }), "");
  EXPECT_NE(found_after(state, "journal/MANIFEST-000005",
                        [](const fs::path& file) { std::ofstream(file, std::ios::in | std::ios::binary) << "S"; }),
            "");
}

TEST_F(FolderStateTest, knows_nothing_of_a_folder_that_an_older_program_used_since) {
  for (const Moment moment : {Moment::stopped, Moment::serving}) {
    const FolderState state = take(moment);
    put("journal/MANIFEST-000009", "another");
    put("journal/CURRENT", "MANIFEST-000009\n");
    put("FORMAT", "temperature-service 4\n");
    EXPECT_TRUE(is_of_another_use(data(), state));
    EXPECT_TRUE(differences(data(), state).empty());
    EXPECT_EQ(format_difference(data(), state), "");
    fs::remove(data() / "journal/MANIFEST-000009");
    EXPECT_FALSE(differences(data(), state).empty()) << "CURRENT names what is not there";
    put_all();
  }
}

// The first deletion makes it so while the folder is in use.
TEST_F(FolderStateTest, lets_the_format_rise_while_it_is_in_use_alone) {
  for (const auto& [before, after] : {std::pair("2", "4"), std::pair("3", "5")}) {
    put("FORMAT", std::string("temperature-service ") + before + "\n");
    const FolderState serving = take(Moment::serving);
    const FolderState stopped = take(Moment::stopped);
    for (const std::string now : {"1", "2", "3", "4", "5", "6"}) {
      put("FORMAT", "temperature-service " + now + "\n");
      EXPECT_EQ(format_difference(data(), serving).empty(), now == before || now == after) << before << " " << now;
      EXPECT_EQ(format_difference(data(), stopped).empty(), now == before) << before << " " << now;
    }
  }
}

TEST_F(FolderStateTest, is_read_as_it_was_written_or_not_at_all) {
  EXPECT_TRUE(has_none());
  FolderState state = take(Moment::stopped);
  state.history = Position(7);
  state.journal = Position(9);
  ASSERT_TRUE(write_state(data(), state));
  EXPECT_FALSE(fs::exists(data() / "STATE.new"));
  const auto back = read_state(data());
  ASSERT_TRUE(back && *back);
  EXPECT_EQ(**back, state);
  const std::string whole = encode_state(state);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    ASSERT_FALSE(decode_state(damaged)) << "byte " << at;
    ASSERT_FALSE(decode_state(whole.substr(0, at))) << "cut to " << at;
  }
  EXPECT_FALSE(decode_state(whole + whole));
  put("STATE", "");
  const auto empty_one = read_state(data());
  ASSERT_FALSE(empty_one);
  EXPECT_NE(empty_one.error().detail.find("STATE is damaged"), std::string::npos);
  ASSERT_TRUE(remove_state(data()));
  EXPECT_TRUE(remove_state(data())) << "it is gone already";
  EXPECT_TRUE(has_none());
}

TEST_F(FolderStateTest, of_a_file_that_cannot_be_read_is_none) {
  const auto state = take_state(data(), Moment::stopped, {"journal"}, {"nothing"});
  ASSERT_FALSE(state);
  EXPECT_NE(state.error().detail.find("nothing"), std::string::npos);
}

}  // namespace
}  // namespace temperature::upkeep
