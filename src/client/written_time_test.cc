#include "client/written_time.h"

#include <gtest/gtest.h>

#include <vector>

namespace temperature::client {
namespace {

std::string shown_time(const std::optional<WrittenTime>& written) {
  if (!written) return "";
  std::string text = format_local_time(written->local);
  if (written->offset) text += " " + format_offset(*written->offset);
  return text;
}

TEST(WrittenTime, is_read_where_it_can_be_read_in_one_way) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"2026-08-06 09:22:00", "2026-08-06 09:22:00.000"},
      {"2026-08-06T09:22", "2026-08-06 09:22:00.000"},
      {"2026/8/6  9:22:01.5", "2026-08-06 09:22:01.500"},
      {"2026.08.06 09:22:01,2509", "2026-08-06 09:22:01.250"},
      {"2026-08-06 12:00:00 AM", "2026-08-06 00:00:00.000"},
      {"2026-08-06 12:00 pm", "2026-08-06 12:00:00.000"},
      {"2026-08-06 01:05:00PM", "2026-08-06 13:05:00.000"},
      {"2026-08-06 09:22:00 +0200", "2026-08-06 09:22:00.000 GMT+02:00"},
      {"2026-08-06 09:22-03:30", "2026-08-06 09:22:00.000 GMT-03:30"},
      {"2026-08-06 09:22Z", "2026-08-06 09:22:00.000 GMT+00:00"},
      {"2024-02-29 00:00", "2024-02-29 00:00:00.000"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(shown_time(read_plain_time(text)), want) << text;
}

TEST(WrittenTime, is_not_read_otherwise) {
  for (const std::string text : {"",
                                 "noon",
                                 "2026",
                                 "2026-08-06",
                                 "26-08-06 09:22",
                                 "08/06/26 09:22:00",
                                 "06.08.2026 09:22",
                                 "2026-08/06 09:22",
                                 "2026-13-01 00:00",
                                 "2026-02-29 00:00",
                                 "2026-08-06 24:00",
                                 "2026-08-06 09:60",
                                 "2026-08-06 09:22:60",
                                 "2026-08-06 13:00 PM",
                                 "2026-08-06 00:10 AM",
                                 "2026-08-06 9",
                                 "2026-08-06 09:22:00 CET",
                                 "2026-08-06 09:22 x",
                                 "2026-08-06 09:22.",
                                 "0026-08-06 09:22",
                                 "2026-08-06x09:22",
                                 "2026-08-06 09:22 +25:00"}) {
    EXPECT_EQ(shown_time(read_plain_time(text)), "") << text;
  }
}

TEST(WrittenTime, is_read_by_a_format) {
  struct Case {
    std::string text;
    std::string format;
    std::string want;
  };
  const std::vector<Case> cases{
      {"07/29/16 10:26:34 AM", "%m/%d/%y %I:%M:%S %p", "2016-07-29 10:26:34.000"},
      {"07/29/16 12:26:34 am", "%m/%d/%y %I:%M:%S %p", "2016-07-29 00:26:34.000"},
      {"29/07/16 10:26:34 PM", "%d/%m/%y %I:%M:%S %p", "2016-07-29 22:26:34.000"},
      {"18/05/2015 12.10.00", "%d/%m/%Y %H.%M.%S", "2015-05-18 12:10:00.000"},
      {"31 Jan 2015 12:00", "%d %b %Y %H:%M", "2015-01-31 12:00:00.000"},
      {"31.01.2015 12:00:07.25", "%d.%m.%Y %H:%M:%S", "2015-01-31 12:00:07.250"},
      {"2015-01-31T12:00:00+0130", "%Y-%m-%dT%H:%M:%S%z", "2015-01-31 12:00:00.000 GMT+01:30"},
      {"1422705600", "%s", "2015-01-31 12:00:00.000 GMT+00:00"},
      {"1422705600.25", "%s", "2015-01-31 12:00:00.250 GMT+00:00"},
      // not so
      {"29/07/16 10:26:34 PM", "%m/%d/%y %I:%M:%S %p", ""},
      {"07/29/2016 10:26", "%m/%d/%y %H:%M", ""},
      {"07/29/16 10:26", "%m/%d/%Y %H:%M", ""},
      {"31.02.2015 12:00", "%d.%m.%Y %H:%M", ""},
      {"31.01.2015 12:00:00", "%d.%m.%Y %H:%M", ""},
      {"31.01.2015", "%d.%m.%Y %H:%M", ""},
      {"12:00", "%H:%M", ""},
      {"noon", "%s", ""},
      {"", "%d.%m.%Y", ""},
  };
  for (const auto& [text, format, want] : cases) {
    EXPECT_EQ(shown_time(read_time(text, format)), want) << text << " by " << format;
  }
}

TEST(WrittenTime, knows_when_day_and_month_are_unclear) {
  for (const std::string text : {"03/04/26 10:00", "25.10.2026", "3-4-2026 1:00"}) {
    EXPECT_TRUE(day_and_month_unclear(text)) << text;
  }
  for (const std::string text : {"2026-03-04", "", "noon", "10:00:00", "03/04", "03/04-2026", "3.5"}) {
    EXPECT_FALSE(day_and_month_unclear(text)) << text;
  }
}

}  // namespace
}  // namespace temperature::client
