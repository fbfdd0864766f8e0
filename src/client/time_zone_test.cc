#include "client/time_zone.h"

#include <gtest/gtest.h>

#include <vector>

#include "client/written_time.h"

namespace temperature::client {
namespace {

// The moments of a local time, as Python's zoneinfo has them where the comment does not say otherwise.
std::string moments_of_local(std::string_view zone, std::string_view local) {
  const auto named = TimeZone::named(zone);
  if (!named) return named.error().detail;
  const auto written = read_plain_time(local);
  if (!written) return "no time";
  const LocalMoments found = named->moments_of(written->local);
  switch (found.kind) {
    case LocalMoments::Kind::none:
      return "none";
    case LocalMoments::Kind::unknown:
      return "unknown";
    case LocalMoments::Kind::one:
      return format_timestamp(found.earlier);
    case LocalMoments::Kind::two:
      return format_timestamp(found.earlier) + " or " + format_timestamp(found.later);
  }
  return "?";
}

TEST(TimeZone, says_which_moments_a_local_time_is) {
  struct Case {
    std::string_view zone;
    std::string_view local;
    std::string_view want;
  };
  const std::vector<Case> cases{
      {"Europe/Berlin", "2026-01-15 12:00", "2026-01-15T11:00:00.000Z"},
      {"Europe/Berlin", "2026-07-15 12:00:00.250", "2026-07-15T10:00:00.250Z"},
      {"Europe/Berlin", "2026-03-29 01:59:59.999", "2026-03-29T00:59:59.999Z"},
      {"Europe/Berlin", "2026-03-29 02:00", "none"},
      {"Europe/Berlin", "2026-03-29 02:59:59.999", "none"},
      {"Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00.000Z"},
      {"Europe/Berlin", "2026-10-25 01:59:59.999", "2026-10-24T23:59:59.999Z"},
      {"Europe/Berlin", "2026-10-25 02:00", "2026-10-25T00:00:00.000Z or 2026-10-25T01:00:00.000Z"},
      {"Europe/Berlin", "2026-10-25 02:59:59.999", "2026-10-25T00:59:59.999Z or 2026-10-25T01:59:59.999Z"},
      {"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00.000Z"},
      {"America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00.000Z or 2026-11-01T06:30:00.000Z"},
      {"US/Eastern", "2026-03-08 02:30", "none"},
      {"Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00.000Z or 2026-04-04T15:15:00.000Z"},
      {"Asia/Kolkata", "2026-07-15 12:00", "2026-07-15T06:30:00.000Z"},
      {"Asia/Tokyo", "2050-07-15 12:00", "2050-07-15T03:00:00.000Z"},
      {"UTC", "2026-07-15 12:00", "2026-07-15T12:00:00.000Z"},
      {"Etc/GMT+1", "2026-07-15 12:00", "2026-07-15T13:00:00.000Z"},  // the sign is the zone's, not ours
      {"GMT+01:00", "2026-07-15 12:00", "2026-07-15T11:00:00.000Z"},
      {"UTC-4", "2026-07-15 12:00", "2026-07-15T16:00:00.000Z"},
      {"+0530", "2026-07-15 12:00", "2026-07-15T06:30:00.000Z"},
      // Debian's data name changes up to 2037; zoneinfo goes on by the rule, the library does not.
      {"Europe/Berlin", "2037-07-15 12:00", "2037-07-15T10:00:00.000Z"},
      {"Europe/Berlin", "2050-07-15 12:00", "unknown"},
  };
  for (const auto& [zone, local, want] : cases) EXPECT_EQ(moments_of_local(zone, local), want) << zone << " " << local;
}

TEST(TimeZone, that_is_not_there_is_named) {
  for (const std::string_view zone : {"Europe/Nowhere", "europe/berlin", "", "../../../etc/passwd", "CEST", "+19:00"}) {
    const auto named = TimeZone::named(zone);
    ASSERT_FALSE(named) << zone;
    EXPECT_NE(named.error().detail.find("no time zone \"" + std::string(zone)), std::string::npos);
  }
}

TEST(TimeZone, reads_offsets) {
  struct Case {
    std::string_view text;
    int want;
  };
  for (const auto& [text, want] : {Case{"+01:00", 60}, Case{"-0330", -210}, Case{"+01", 60}, Case{"GMT+1", 60},
                                   Case{"UTC", 0}, Case{"Z", 0}, Case{"UTC-03:30", -210}, Case{"-18:00", -1080}}) {
    EXPECT_EQ(parse_offset(text), std::chrono::minutes(want)) << text;
  }
  for (const std::string_view text : {"", "1", "+", "+1:0", "+01:60", "+01:000", "CET", "+18:01", "GMT1", "+01:00x"}) {
    EXPECT_FALSE(parse_offset(text)) << text;
  }
}

}  // namespace
}  // namespace temperature::client
