#include "reports/rate_limits.h"

#include <gtest/gtest.h>

namespace temperature::reports {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr RateLimits::Moment kNow{hours(1'000)};

TEST(RateLimits, are_those_that_the_server_says_of_errors) {
  struct Case {
    int status;
    std::string_view rate_limits;
    std::string_view retry_after;
    seconds limit;
  };
  for (const Case& each : {
           Case{200, "", "", seconds(0)},
           Case{200, "", "30", seconds(0)},  // it was taken
           Case{500, "", "30", seconds(0)},
           Case{429, "", "", limits::kRateLimitUnsaid},
           Case{429, "", "no number", limits::kRateLimitUnsaid},
           Case{429, "", "30", seconds(30)},
           Case{429, "", " 2.5 ", seconds(3)},
           Case{429, "", "-5", seconds(0)},
           Case{429, "", "Thu, 01 Jan 1970 00:00:01 GMT", seconds(0)},
           Case{429, "", "Fri, 31 Dec 2100 00:00:00 GMT", limits::kRateLimitMax},
           Case{429, "60:error:key", "3000", seconds(60)},  // it goes before Retry-After
           Case{200, "60:error:key", "", seconds(60)},      // of an answer that took the report, too
           Case{429, "60::organization", "", seconds(60)},
           Case{429, "60", "", seconds(60)},
           Case{429, "60:transaction:key", "", seconds(0)},
           Case{429, "60:transaction;error;session:key:quota", "", seconds(60)},
           Case{429, "60:errors:key", "", seconds(0)},
           Case{429, "60:transaction:key, 2700:default;error;security:organization", "", seconds(2'700)},
           Case{429, "2700:error:key,60::organization", "", seconds(2'700)},
           Case{429, "9:error:key, 5::x, 7:error:y", "", seconds(9)},
           Case{429, "nonsense:error:key", "", seconds(0)},
           Case{429, ",,:::, 4:error", "", seconds(4)},
           Case{429, "1e99:error:key", "", limits::kRateLimitMax},
           Case{429, "inf:error:key", "", seconds(0)},
           Case{429, "60:error:key:reason:namespace;custom", "", seconds(60)},
       }) {
    RateLimits known;
    known.note(each.status, each.rate_limits, each.retry_after, kNow);
    EXPECT_EQ(known.limited(kNow), each.limit > seconds(0)) << each.rate_limits << '|' << each.retry_after;
    EXPECT_EQ(known.until(), kNow + each.limit) << each.rate_limits << '|' << each.retry_after;
  }
}

TEST(RateLimits, last_as_long_as_was_said_and_no_answer_shortens_them) {
  RateLimits known;
  known.note(429, "60:error:key", "", kNow);
  known.note(200, "", "", kNow + seconds(1));
  known.note(429, "5:error:key", "", kNow + seconds(2));
  EXPECT_TRUE(known.limited(kNow + seconds(60) - milliseconds(1)));
  EXPECT_FALSE(known.limited(kNow + seconds(60)));
}

}  // namespace
}  // namespace temperature::reports
