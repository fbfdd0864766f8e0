#include "postgres/parameters.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "postgres/binary.h"
#include "postgres/rows.h"

namespace temperature::postgres {
namespace {

using std::chrono::sys_days;
using namespace std::literals;

std::string bytes_of(const Parameters& parameters, std::size_t index) {
  const Parameters::Value& value = parameters.values().at(index);
  return parameters.bytes().substr(value.begin, value.size);
}

// The expected bytes are those of PostgreSQL's int4send, int8send, float8send and array_send: big-endian.
TEST(Parameters, AreBigEndian) {
  Parameters parameters;
  parameters.int4(-2);
  parameters.int8(258);
  parameters.boolean(true);
  parameters.float8(1.0);
  parameters.text("ö");
  parameters.null();
  EXPECT_EQ(parameters.count(), 6U);
  EXPECT_EQ(bytes_of(parameters, 0), "\xff\xff\xff\xfe"s);
  EXPECT_EQ(bytes_of(parameters, 1), "\0\0\0\0\0\0\1\2"s);
  EXPECT_EQ(bytes_of(parameters, 2), "\1"s);
  EXPECT_EQ(bytes_of(parameters, 3), "\x3f\xf0\0\0\0\0\0\0"s);
  EXPECT_EQ(bytes_of(parameters, 4), "\xc3\xb6"s);
  EXPECT_TRUE(parameters.values()[5].null);
}

TEST(Parameters, HaveArrays) {
  Parameters parameters;
  parameters.int4s(std::array<std::int32_t, 2>{1, 2});
  parameters.texts(std::array<std::string_view, 1>{"ab"});
  parameters.int4s({});
  EXPECT_EQ(bytes_of(parameters, 0),
            "\0\0\0\1"
            "\0\0\0\0"
            "\0\0\0\x17"
            "\0\0\0\2"
            "\0\0\0\1"
            "\0\0\0\4\0\0\0\1"
            "\0\0\0\4\0\0\0\2"s);
  EXPECT_EQ(bytes_of(parameters, 1),
            "\0\0\0\1"
            "\0\0\0\0"
            "\0\0\0\x19"
            "\0\0\0\1"
            "\0\0\0\1"
            "\0\0\0\2ab"s);
  EXPECT_EQ(bytes_of(parameters, 2),
            "\0\0\0\0"
            "\0\0\0\0"
            "\0\0\0\x17"s);
}

TEST(DatabaseTime, CountsMicrosecondsSince2000) {
  const Timestamp noon = sys_days(2000y / 1 / 1) + 12h;
  EXPECT_EQ(to_database_time(noon), 12LL * 3'600 * 1'000'000);
  EXPECT_EQ(to_database_time(sys_days(1999y / 12 / 31)), -86'400LL * 1'000'000);
  EXPECT_EQ(from_database_time(12LL * 3'600 * 1'000'000), noon);
  for (const Timestamp moment : {Timestamp(sys_days(1970y / 1 / 1)), Timestamp(sys_days(2022y / 10 / 5) + 1ms),
                                 Timestamp(sys_days(1900y / 3 / 1) - 1ms), Timestamp(sys_days(9999y / 12 / 31))}) {
    EXPECT_EQ(from_database_time(to_database_time(moment)), moment);
  }
}

TEST(DatabaseTime, CutsOffWhatIsPastTheMillisecondTowardsThePast) {
  EXPECT_EQ(from_database_time(1'999), Timestamp(sys_days(2000y / 1 / 1)) + 1ms);
  EXPECT_EQ(from_database_time(-1), Timestamp(sys_days(2000y / 1 / 1)) - 1ms);
}

TEST(DatabaseTime, HasInfinityAtItsEnds) {
  EXPECT_EQ(to_database_time(kTimestampMax), kInfinity);
  EXPECT_EQ(to_database_time(kTimestampMin), kMinusInfinity);
  EXPECT_EQ(from_database_time(kInfinity), kTimestampMax);
  EXPECT_EQ(from_database_time(kMinusInfinity), kTimestampMin);
  // The last moment of the year 294276, and the one after it.
  const Timestamp end = timestamp_from_ms(9'224'318'016'000'000);
  EXPECT_EQ(from_database_time(to_database_time(end - 1ms)), end - 1ms);
  EXPECT_EQ(to_database_time(end), kInfinity);
}

TEST(Uuid, IsWrittenWithDashes) {
  EXPECT_EQ(uuid_text("\x8c\x2f\x6a\x3e\x01\x02\x43\x04\x85\x06\xff\x08\x09\x0a\x0b\x00"sv),
            "8c2f6a3e-0102-4304-8506-ff08090a0b00");
  EXPECT_EQ(uuid_text("short"), "");
}

}  // namespace
}  // namespace temperature::postgres
