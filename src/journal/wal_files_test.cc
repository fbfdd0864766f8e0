#include "journal/wal_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/sizes.h"
#include "rocks/log_scan.h"
#include "testing/read_file.h"
#include "testing/temporary_folder.h"

namespace temperature::journal {
namespace {

using limits::kKiB;
using testing::read_file;

// A disk that has no room for a filling.
class FullEnv final : public rocksdb::EnvWrapper {
 public:
  FullEnv() : EnvWrapper(rocksdb::Env::Default()) {}
  rocksdb::Status NewRandomRWFile(const std::string&, std::unique_ptr<rocksdb::RandomRWFile>*,
                                  const rocksdb::EnvOptions&) override {
    ++asked;
    return rocksdb::Status::NoSpace();
  }
  int asked = 0;
};

class WalFiles : public ::testing::Test {
 protected:
  void open(rocksdb::Env* env = nullptr, const std::string& name = "000004.log") {
    path = place.path() / name;
    files = wal_files(env, {});
    ASSERT_TRUE(files->NewWritableFile(path.string(), &file, {}).ok());
  }
  void write_and_sync(std::size_t bytes) {
    const std::string text(bytes, static_cast<char>('a' + written.size() % 26));
    ASSERT_TRUE(file->Append(text).ok());
    ASSERT_TRUE(file->Sync().ok());
    written += text;
  }
  [[nodiscard]] std::uint64_t size_seen() const {
    std::uint64_t bytes = 0;
    EXPECT_TRUE(files->GetFileSize(path.string(), &bytes).ok());
    return bytes;
  }
  [[nodiscard]] std::string text_seen() const {
    std::unique_ptr<rocksdb::SequentialFile> reader;
    EXPECT_TRUE(files->NewSequentialFile(path.string(), &reader, {}).ok());
    std::string text;
    std::string scratch(1000, '\0');
    rocksdb::Slice piece;
    do {
      EXPECT_TRUE(reader->Read(scratch.size(), &piece, scratch.data()).ok());
      text.append(piece.data(), piece.size());
    } while (!piece.empty());
    return text;
  }

  testing::TemporaryFolder place;
  std::filesystem::path path;
  std::unique_ptr<rocksdb::Env> files;
  std::unique_ptr<rocksdb::WritableFile> file;
  std::string written;
};

TEST_F(WalFiles, hardly_grow_while_syncs_are_small) {
  open();
  std::uintmax_t length = 0;
  int grew = 0;
  for (int i = 0; i < 2'000; ++i) {
    write_and_sync(500);
    const std::uintmax_t now = std::filesystem::file_size(path);
    ASSERT_GE(now, written.size());
    ASSERT_LE(now, 2 * written.size() + 128 * kKiB);
    grew += now > length ? 1 : 0;
    length = now;
    ASSERT_EQ(size_seen(), written.size());
  }
  EXPECT_LT(grew, 20);
  std::string whole = written;
  while (whole.size() < length) whole.push_back(rocks::filling_at(whole.size()));
  EXPECT_EQ(read_file(path), whole);
  EXPECT_EQ(text_seen(), written);
}

TEST_F(WalFiles, grow_with_large_syncs) {
  open();
  for (int i = 0; i < 100; ++i) {
    write_and_sync(17 * kKiB);
    ASSERT_EQ(std::filesystem::file_size(path), written.size());
  }
}

TEST_F(WalFiles, of_which_single_large_syncs_are_part_are_written_over_and_then_grow) {
  open();
  for (int i = 0; i < 10; ++i) write_and_sync(500);
  const std::uintmax_t length = std::filesystem::file_size(path);
  ASSERT_GT(length, written.size() + 50 * kKiB);
  write_and_sync(40 * kKiB);
  EXPECT_EQ(std::filesystem::file_size(path), length);
  write_and_sync(40 * kKiB);
  EXPECT_EQ(std::filesystem::file_size(path), written.size());
  EXPECT_EQ(read_file(path), written);
}

TEST_F(WalFiles, are_cut_when_they_are_closed) {
  open();
  for (int i = 0; i < 10; ++i) write_and_sync(500);
  ASSERT_GT(std::filesystem::file_size(path), written.size());
  ASSERT_TRUE(file->Close().ok());
  EXPECT_EQ(read_file(path), written);
  EXPECT_EQ(size_seen(), written.size());
}

TEST_F(WalFiles, that_are_copied_keep_their_length) {
  open();
  for (int i = 0; i < 10; ++i) write_and_sync(500);
  std::filesystem::create_directory(place.path() / "copy");
  std::unique_ptr<rocksdb::WritableFile> copy;
  ASSERT_TRUE(files->NewWritableFile((place.path() / "copy/000004.log").string(), &copy, {}).ok());
  ASSERT_TRUE(copy->Append("short").ok());
  EXPECT_EQ(size_seen(), written.size());
  EXPECT_EQ(text_seen(), written);
}

TEST_F(WalFiles, that_were_left_by_a_crash_end_where_their_records_do) {
  path = place.path() / "000007.log";
  std::ofstream(path) << "records" << std::string(5'000, 'f');
  files = wal_files(nullptr, {{path, 7}});
  EXPECT_EQ(size_seen(), 7U);
  EXPECT_EQ(text_seen(), "records");
  std::unique_ptr<rocksdb::SequentialFile> reader;
  ASSERT_TRUE(files->NewSequentialFile(path.string(), &reader, {}).ok());
  ASSERT_TRUE(reader->Skip(3).ok());
  std::string scratch(100, '\0');
  rocksdb::Slice piece;
  ASSERT_TRUE(reader->Read(100, &piece, scratch.data()).ok());
  EXPECT_EQ(piece.ToString(), "ords");
}

TEST_F(WalFiles, grow_where_the_disk_has_no_room_to_fill_them) {
  FullEnv full;
  open(&full);
  for (int i = 0; i < 20; ++i) write_and_sync(500);
  EXPECT_GT(full.asked, 0);
  EXPECT_EQ(read_file(path), written);
  ASSERT_TRUE(file->Close().ok());
}

TEST_F(WalFiles, are_all_that_is_filled) {
  open(nullptr, "000005.sst");
  for (int i = 0; i < 20; ++i) {
    write_and_sync(500);
    ASSERT_EQ(std::filesystem::file_size(path), written.size());
  }
}

}  // namespace
}  // namespace temperature::journal
