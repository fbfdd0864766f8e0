#include "app/write_watch.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace temperature::app {
namespace {

// What is logged while the service refuses writes for these reasons, one look each.
std::string said(const std::vector<std::optional<Error>>& looks) {
  ::testing::internal::CaptureStderr();
  {
    const telemetry::Log log(telemetry::LogFormat::text);
    WriteWatch watch(log);
    for (const auto& refused : looks) watch.look(refused);
  }
  return ::testing::internal::GetCapturedStderr();
}

const std::optional<Error> kTaken;
const std::optional<Error> kOverloaded = Error{ErrorCode::overloaded, "memory is short"};

TEST(WriteWatch, says_each_change_once) {
  const std::string lines = said({kTaken, kTaken, kOverloaded, kOverloaded, kTaken, kTaken, kOverloaded});
  EXPECT_EQ(std::ranges::count(lines, '\n'), 3) << lines;
  EXPECT_TRUE(lines.contains("warning writes are refused reason=memory is short")) << lines;
  EXPECT_TRUE(lines.contains("info the service is not overloaded any more")) << lines;
}

TEST(WriteWatch, leaves_what_others_say_to_them) {
  EXPECT_EQ(said({Error{ErrorCode::recovering, "r"}, kTaken, Error{ErrorCode::disk_full, "d"},
                  Error{ErrorCode::journal_failed, "j"}, Error{ErrorCode::shutting_down, "s"}}),
            "");
}

}  // namespace
}  // namespace temperature::app
