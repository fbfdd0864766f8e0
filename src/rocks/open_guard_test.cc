#include "rocks/open_guard.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

namespace temperature::rocks {
namespace {

TEST(OpenGuard, passes_on_what_opening_says) {
  EXPECT_TRUE(guarded("the journal", "data/journal", [] { return rocksdb::Status::OK(); }).ok());
  EXPECT_TRUE(guarded("the journal", "data/journal", [] { return rocksdb::Status::IOError("no"); }).IsIOError());
}

TEST(OpenGuard, makes_a_status_of_an_exception) {
  const auto status =
      guarded("the journal", "data/journal", []() -> rocksdb::Status { throw std::length_error("too long"); });
  EXPECT_TRUE(status.IsCorruption());
  EXPECT_NE(status.ToString().find("too long"), std::string::npos);
}

TEST(OpenGuardDeathTest, makes_an_orderly_end_of_an_assertion) {
  EXPECT_EXIT(static_cast<void>(guarded("the journal", "data/journal", []() -> rocksdb::Status { std::abort(); })),
              ::testing::ExitedWithCode(1), "cannot open the journal: a file in it is damaged \\(path=data/journal\\)");
}

TEST(OpenGuardDeathTest, ends_with_the_opening) {
  static_cast<void>(guarded("the journal", "data/journal", [] { return rocksdb::Status::OK(); }));
  EXPECT_EXIT(std::abort(), ::testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace temperature::rocks
