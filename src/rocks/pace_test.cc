#include "rocks/pace.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_manager.h>

#include <filesystem>
#include <memory>
#include <thread>

#include "base/folder.h"
#include "base/sizes.h"
#include "rocks/rocks.h"
#include "testing/temporary_folder.h"

namespace temperature::rocks {
namespace {

using std::chrono::steady_clock;

TEST(RestLimiter, rests_as_long_as_a_thread_worked) {
  RestLimiter limiter;
  limiter.Request(1, rocksdb::Env::IO_LOW, nullptr);
  const auto began = steady_clock::now();
  while (steady_clock::now() - began < std::chrono::milliseconds(1)) {
  }
  const auto worked = steady_clock::now();
  limiter.Request(1, rocksdb::Env::IO_LOW, nullptr);
  EXPECT_GE(steady_clock::now() - worked, std::chrono::milliseconds(1));
}

TEST(RestLimiter, is_asked_by_those_who_write_tables_and_not_by_those_who_write_logs) {
  const testing::TemporaryFolder place;
  rocksdb::Options options;
  set_common(options, nullptr);
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, (place.path() / "store").string(), &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  const auto bytes = [&] { return options.rate_limiter->GetTotalBytesThrough(rocksdb::Env::IO_TOTAL); };
  rocksdb::WriteOptions write;
  write.sync = true;
  ASSERT_TRUE(db->Put(write, "key", std::string(limits::kMiB, 'v')).ok());
  EXPECT_EQ(bytes(), 0);
  ASSERT_TRUE(db->Flush({}).ok());
  EXPECT_GT(bytes(), 0);
}

TEST(SmallDeletions, delete_in_the_end_and_after_a_restart) {
  const testing::TemporaryFolder place;
  const auto folder = place.path() / "store";
  const auto bytes = [&] { return bytes_of_files(folder); };  // files come and go meanwhile
  for (int run = 0; run < 2; ++run) {
    rocksdb::Options options;
    set_common(options, nullptr);
    options.compression = rocksdb::kNoCompression;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, folder.string(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    if (run == 0) {
      for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(db->Put({}, std::to_string(i), std::string(limits::kMiB, 'v')).ok());
      }
      ASSERT_TRUE(db->Flush({}).ok());
      ASSERT_TRUE(db->DeleteRange({}, db->DefaultColumnFamily(), "", "z").ok());
      ASSERT_TRUE(db->CompactRange({}, nullptr, nullptr).ok());
      continue;  // some may be left in the trash
    }
    const auto patience = steady_clock::now() + std::chrono::seconds(30);
    while (bytes() > limits::kMiB && steady_clock::now() < patience) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_LT(bytes(), limits::kMiB);
  }
}

}  // namespace
}  // namespace temperature::rocks
