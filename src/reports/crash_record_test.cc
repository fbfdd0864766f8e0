#include "reports/crash_record.h"

#include <gtest/gtest.h>

#include <csignal>
#include <random>
#include <string>

#include "base/crc32c.h"

namespace temperature::reports {
namespace {

constexpr std::string_view kFirst = "temperature-service crash 1\n";

std::string with_end(const std::string& lines) {
  char end[16];
  std::snprintf(static_cast<char*>(end), sizeof end, "end %08x\n", crc32c(lines));
  return lines + static_cast<const char*>(end);
}

std::string written() {
  CrashRecordWriter writer;
  writer.text("release", "temperature-service@1.2.3");
  writer.text("environment", "");
  writer.number("time", 1'700'000'000'123);
  writer.number("signal", SIGSEGV);
  writer.number("code", -6);
  writer.address(FaultAddress::near_null);
  writer.text("reason", "CHECK failed: a\n> b \xc3\xbc");
  writer.image("my program", 0x55550000, 0x1000, "0123456789abcdef");
  writer.image("libc.so.6", 0, UINT64_MAX, "");
  writer.frame(0x55550123);
  writer.frame(0);
  return std::string(writer.finished());
}

TEST(CrashRecord, is_these_lines) {
  EXPECT_EQ(written(), with_end(std::string(kFirst) + "release temperature-service@1.2.3\n"
                                                      "time 1700000000123\n"
                                                      "signal 11\n"
                                                      "code -6\n"
                                                      "address null\n"
                                                      "reason CHECK failed: a?> b ??\n"
                                                      "image my_program 55550000 1000 0123456789abcdef\n"
                                                      "image libc.so.6 0 ffffffffffffffff -\n"
                                                      "frame 55550123\n"
                                                      "frame 0\n"));
}

TEST(CrashRecord, is_read_back) {
  const auto record = decode_crash_record(written());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->release, "temperature-service@1.2.3");
  EXPECT_EQ(record->environment, "");
  EXPECT_EQ(to_ms(record->time), 1'700'000'000'123);
  EXPECT_EQ(record->address, FaultAddress::near_null);
  const Crash wanted{
      .signal = SIGSEGV,
      .code = -6,
      .reason = "CHECK failed: a?> b ??",
      .images = {{"my_program", 0x55550000, 0x1000, "0123456789abcdef"}, {"libc.so.6", 0, UINT64_MAX, ""}},
      .frames = {0x55550123, 0}};
  EXPECT_EQ(record->crash, wanted);
  EXPECT_EQ(places_of(record->crash, 8), "my_program+0x123 libc.so.6+0x0");
  EXPECT_EQ(places_of(record->crash, 1), "my_program+0x123");
}

TEST(CrashRecord, has_a_bound_and_is_whole_at_it) {
  CrashRecordWriter writer;
  writer.number("signal", SIGABRT);
  for (int i = 0; i < 1'000; ++i) writer.text("reason", std::string(100, 'x'));
  const std::string_view bytes = writer.finished();
  EXPECT_LE(bytes.size(), limits::kCrashRecordBytesMax);
  EXPECT_GT(bytes.size(), limits::kCrashRecordBytesMax - 200);
  const auto record = decode_crash_record(bytes);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->crash.reason, std::string(100, 'x'));
}

TEST(CrashRecord, that_was_cut_or_changed_is_unusable) {
  const std::string whole = written();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_crash_record(std::string_view(whole).substr(0, size))) << size;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(decode_crash_record(changed)) << at;
  }
}

TEST(CrashRecord, with_lines_that_no_record_has_is_unusable) {
  const std::string good = std::string(kFirst) + "signal 11\n";
  ASSERT_TRUE(decode_crash_record(with_end(good)));
  std::string frames = good;
  for (std::size_t i = 0; i < limits::kCrashFramesMax; ++i) frames += "frame 1\n";
  EXPECT_TRUE(decode_crash_record(with_end(frames)));
  EXPECT_FALSE(decode_crash_record(with_end(frames + "frame 1\n")));
  for (const std::string more :
       {"frame\n", "frame x\n", "frame 1 2\n", "frame 11111111111111111\n", "signal -1\n", "signal 99999999999\n",
        "address somewhere\n", "image a 1 2\n", "image a 1 2 xyz\n", "image a 1 2 aa more\n", "image  1 2 aa\n",
        "image a g 2 aa\n", "time now\n", "unknown 1\n", "\n", "no end"}) {
    EXPECT_FALSE(decode_crash_record(with_end(good + more))) << more;
  }
  EXPECT_FALSE(decode_crash_record(with_end(std::string(kFirst))));
  EXPECT_FALSE(decode_crash_record(with_end("temperature-service crash 2\nsignal 11\n")));
  EXPECT_FALSE(decode_crash_record(std::string(1'000'000, 'x')));
}

// Lines put together at random, under a checksum that is right: whatever they say, they are read or refused.
TEST(CrashRecord, of_any_lines_is_read_or_refused) {
  std::mt19937 random(17);
  const auto below = [&random](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  constexpr std::string_view kPieces[] = {"signal ", "frame ", "image ", "time ", "code ", "address ", "reason ",
                                          "11",      "-",      "ffff",   "\n",    " ",     "null",     "\xff"};
  std::size_t taken = 0;
  for (int turn = 0; turn < 5'000; ++turn) {
    std::string lines = std::string(kFirst) + "signal 11\n";
    for (std::size_t i = below(6); i > 0; --i) lines += kPieces[below(std::size(kPieces))];
    if (below(2) == 0) lines += '\n';
    const auto record = decode_crash_record(with_end(lines));
    if (!record) continue;
    ++taken;
    EXPECT_GT(record->crash.signal, 0) << lines;
  }
  EXPECT_GT(taken, 100U);
  EXPECT_LT(taken, 4'900U);
}

}  // namespace
}  // namespace temperature::reports
