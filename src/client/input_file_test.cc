#include "client/input_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

namespace temperature::client {
namespace {

class InputFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "input-file-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  static std::string all(InputFile& file) {
    std::string text;
    std::array<char, 7> piece{};
    for (;;) {
      const auto count = file.read(piece);
      EXPECT_TRUE(count);
      if (!count || *count == 0) return text;
      text.append(piece.data(), *count);
    }
  }

  std::filesystem::path directory_;
};

TEST_F(InputFileTest, reads_a_file_twice) {
  std::ofstream(directory_ / "a.csv") << "timestamp,value\n1,2\n";
  auto file = InputFile::open(directory_ / "a.csv");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->bytes_total(), 20U);
  ASSERT_TRUE(file->make_rewindable());
  EXPECT_EQ(all(*file), "timestamp,value\n1,2\n");
  EXPECT_EQ(file->bytes_read(), 20U);
  ASSERT_TRUE(file->rewind());
  EXPECT_EQ(file->bytes_read(), 0U);
  EXPECT_EQ(all(*file), "timestamp,value\n1,2\n");
}

TEST_F(InputFileTest, reads_a_pipe_twice_by_way_of_a_copy) {
  const std::string path = directory_ / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&path] { std::ofstream(path) << "timestamp,value\n1,2\n"; });
  auto file = InputFile::open(path);
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->bytes_total());
  const auto ready = file->make_rewindable();
  writer.join();
  ASSERT_TRUE(ready);
  EXPECT_EQ(file->bytes_total(), 20U);
  EXPECT_EQ(all(*file), "timestamp,value\n1,2\n");
  ASSERT_TRUE(file->rewind());
  EXPECT_EQ(all(*file), "timestamp,value\n1,2\n");
}

TEST_F(InputFileTest, names_the_file_that_it_cannot_open_or_read) {
  const auto missing = InputFile::open(directory_ / "missing.csv");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().detail.find("missing.csv"), std::string::npos);
  EXPECT_NE(missing.error().detail.find("No such file"), std::string::npos);

  auto folder = InputFile::open(directory_);
  ASSERT_TRUE(folder);
  std::array<char, 7> piece{};
  const auto count = folder->read(piece);
  ASSERT_FALSE(count);
  EXPECT_NE(count.error().detail.find("Is a directory"), std::string::npos);
}

}  // namespace
}  // namespace temperature::client
