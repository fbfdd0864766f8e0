#include "reports/crash_handler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/check.h"
#include "base/thread.h"
#include "reports/crash_files.h"
#include "reports/loaded_images.h"
#include "testing/temporary_folder.h"

namespace temperature::reports {
namespace {

constexpr Timestamp kLongAgo = timestamp_from_ms(1'700'000'000'000);

[[gnu::noinline]] void break_a_rule() {
  CHECK(kLongAgo > kTimestampMax);
}

// Sanitizers look at what is called before it is.
[[gnu::noinline, clang::no_sanitize("undefined")]] void call_no_function() {
  void (*volatile none)() = nullptr;
  none();
}

void handle(const std::filesystem::path& folder) {
  CHECK(handle_crashes({.folder = folder, .release = "temperature-service@1.2.3", .environment = "test"}));
}

std::uint64_t address_of(void (*function)()) {
  return reinterpret_cast<std::uint64_t>(function);
}

// Where a call of a function is, from its address on: no function of this file is longer.
bool calls(const Crash& crash, void (*function)()) {
  return std::ranges::any_of(crash.frames, [function](std::uint64_t frame) {
    return frame > address_of(function) && frame - address_of(function) < 1'024;
  });
}

TEST(CrashHandlerDeathTest, leaves_a_record_and_the_process_ends_as_before) {
  const testing::TemporaryFolder folder;
  EXPECT_EXIT(
      {
        handle(folder.path());
        break_a_rule();
      },
      ::testing::KilledBySignal(SIGABRT), "SIGABRT ends the process; the next start reports it");
  const auto files = crash_files_in(folder.path());
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].path, folder.path() / "CRASH");
  ASSERT_TRUE(files[0].record);
  const CrashRecord& record = *files[0].record;
  EXPECT_EQ(record.release, "temperature-service@1.2.3");
  EXPECT_EQ(record.environment, "test");
  EXPECT_GT(record.time, kLongAgo);
  EXPECT_EQ(record.address, FaultAddress::none);
  EXPECT_EQ(record.crash.signal, SIGABRT);
  EXPECT_TRUE(record.crash.reason.starts_with("CHECK failed: kLongAgo > kTimestampMax (")) << record.crash.reason;
  EXPECT_TRUE(calls(record.crash, break_a_rule)) << places_of(record.crash, limits::kCrashFramesMax);
  ASSERT_GE(record.crash.images.size(), 2U);  // the program first, whatever the last call was of
  EXPECT_EQ(record.crash.images[0].name, "reports_tests");
  const Event event = event_of(record);
  EXPECT_TRUE(event.crash->reason.starts_with("CHECK failed: kLongAgo > kTimestampMax (reports/crash_handler_test.cc:"))
      << event.crash->reason;
  EXPECT_EQ(event.release, record.release);
}

TEST(CrashHandlerDeathTest, knows_who_called_what_is_no_function) {
  const testing::TemporaryFolder folder;
  EXPECT_EXIT(
      {
        static_cast<void>(std::signal(SIGSEGV, SIG_DFL));  // which a sanitizer may have
        handle(folder.path());
        call_no_function();
      },
      ::testing::KilledBySignal(SIGSEGV), "SIGSEGV ends the process; the next start reports it");
  const auto files = crash_files_in(folder.path());
  ASSERT_EQ(files.size(), 1U);
  ASSERT_TRUE(files[0].record);
  const CrashRecord& record = *files[0].record;
  EXPECT_EQ(record.address, FaultAddress::near_null);
  EXPECT_EQ(record.crash.reason, "");
  ASSERT_GE(record.crash.frames.size(), 2U);
  EXPECT_EQ(record.crash.frames[0], 0U);
  EXPECT_TRUE(calls(record.crash, call_no_function)) << places_of(record.crash, limits::kCrashFramesMax);
}

TEST(CrashHandlerDeathTest, leaves_no_more_records_than_its_bound) {
  const testing::TemporaryFolder folder;
  for (std::size_t i = 0; i < limits::kCrashRecordsMax; ++i) {
    std::ofstream(folder.path() / crash_file_name(i)) << "another's";
  }
  EXPECT_EXIT(
      {
        handle(folder.path());
        static_cast<void>(std::raise(SIGABRT));
      },
      ::testing::KilledBySignal(SIGABRT), "SIGABRT ends the process, and no record of it could be left");
  const auto files = crash_files_in(folder.path());
  EXPECT_EQ(files.size(), limits::kCrashRecordsMax);
  EXPECT_TRUE(std::ranges::none_of(files, [](const CrashFile& file) { return file.record.has_value(); }));
}

TEST(CrashHandlerDeathTest, needs_a_folder) {
  const testing::TemporaryFolder folder;
  EXPECT_FALSE(handle_crashes({.folder = folder.path() / "none", .release = {}, .environment = {}}));
}

TEST(CrashFiles, are_in_the_order_of_their_crashes_and_the_unusable_first) {
  const testing::TemporaryFolder folder;
  for (const auto& [number, time] : {std::pair(0, 3'000), std::pair(1, 1'000), std::pair(3, 2'000)}) {
    CrashRecordWriter writer;
    writer.number("time", time);
    writer.number("signal", SIGSEGV);
    std::ofstream(folder.path() / crash_file_name(static_cast<std::size_t>(number)), std::ios::binary)
        << writer.finished();
  }
  std::ofstream(folder.path() / "CRASH.8") << "";
  std::ofstream(folder.path() / "CRASH.9") << "not one of them";
  std::filesystem::create_directory(folder.path() / "CRASH.5");
  std::string names;
  for (const CrashFile& file : crash_files_in(folder.path())) {
    names += file.path.filename().string() + (file.record ? " " : "? ");
  }
  EXPECT_EQ(names, "CRASH.5? CRASH.8? CRASH.2 CRASH.4 CRASH ");
}

TEST(LoadedImages, know_the_program_by_its_build_id) {
  const LoadedImages images;
  const LoadedImages::Entry* own = images.find(address_of(break_a_rule));
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(std::string_view(own->name.data()), "reports_tests");
  EXPECT_GE(std::string_view(own->build_id.data()).size(), 16U);
  const LoadedImages::Entry* library = images.find(reinterpret_cast<std::uint64_t>(&std::abort));
  ASSERT_NE(library, nullptr);
  EXPECT_EQ(images.find(0), nullptr);
  EXPECT_EQ(images.find(own->begin), own);
  EXPECT_EQ(images.find(own->begin + own->size - 1), own);
}

}  // namespace
}  // namespace temperature::reports
