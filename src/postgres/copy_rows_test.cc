#include "postgres/copy_rows.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace temperature::postgres {
namespace {

using namespace std::literals;

std::string two_rows() {
  CopyRows rows;
  rows.row(3);
  rows.int4(7);
  rows.timestamp(timestamp_from_ms(1'664'928'000'000));
  rows.float8(21.5);
  rows.row(2);
  rows.null();
  rows.bytes("hall");
  return rows.bytes() + std::string(kCopyTrailer);
}

TEST(CopyRows, AreWrittenAsTheManualHasThem) {
  CopyRows rows;
  rows.row(1);
  rows.int4(258);
  EXPECT_EQ(rows.bytes(),
            "PGCOPY\n\377\r\n\0"
            "\0\0\0\0"
            "\0\0\0\0"
            "\0\1"
            "\0\0\0\4"
            "\0\0\1\2"s);
  rows.drop();
  rows.row(1);
  rows.null();
  EXPECT_EQ(rows.bytes(),
            "\0\1"
            "\xff\xff\xff\xff"s);
}

TEST(CopyReader, FindsRowsInPiecesOfAnySize) {
  const std::string bytes = two_rows();
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    CopyReader reader;
    std::vector<std::string> rows;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      EXPECT_FALSE(reader.complete());
      ASSERT_EQ(reader.feed(std::string_view(bytes).substr(at, size),
                            [&](std::string_view row) {
                              rows.emplace_back(row);
                              return true;
                            }),
                CopyReader::Next::more);
    }
    EXPECT_TRUE(reader.complete());
    ASSERT_EQ(rows.size(), 2U) << size;
    CopiedRow first(rows[0]);
    EXPECT_EQ(first.values(), 3);
    EXPECT_EQ(first.int4(), 7);
    EXPECT_EQ(to_ms(first.timestamp()), 1'664'928'000'000);
    EXPECT_EQ(first.float8(), 21.5);
    EXPECT_TRUE(first.ok());
    CopiedRow second(rows[1]);
    EXPECT_TRUE(second.next_is_null());
    EXPECT_EQ(second.bytes(), "");
    EXPECT_FALSE(second.next_is_null());
    EXPECT_EQ(second.bytes(), "hall");
    EXPECT_TRUE(second.ok());
    EXPECT_EQ(second.bytes(), "");
    EXPECT_FALSE(second.ok());
  }
}

TEST(CopyReader, StopsWhenNoMoreIsWanted) {
  CopyReader reader;
  int rows = 0;
  EXPECT_EQ(reader.feed(two_rows(), [&](std::string_view) { return ++rows < 1; }), CopyReader::Next::stopped);
  EXPECT_EQ(rows, 1);
}

TEST(CopyReader, KnowsWhatIsNoCopy) {
  const auto take = [](std::string_view) { return true; };
  EXPECT_EQ(CopyReader().feed("7\t2022-10-05\t21.5\n7\t2022-10-06", take), CopyReader::Next::malformed);
  CopyReader more_behind_the_end;
  EXPECT_EQ(more_behind_the_end.feed(two_rows() + "\0\1"s + "\0\0\0\0"s, take), CopyReader::Next::malformed);
  CopyReader negative_size;
  EXPECT_EQ(negative_size.feed(std::string(kCopyHeader) + "\0\1"
                                                          "\x80\0\0\0"s,
                               take),
            CopyReader::Next::malformed);
}

TEST(CopiedRow, OfAnotherSizeIsNotOk) {
  CopyRows rows;
  rows.drop();
  rows.row(1);
  rows.int4(1);
  CopiedRow row(rows.bytes());
  EXPECT_EQ(row.int8(), 0);
  EXPECT_FALSE(row.ok());
}

}  // namespace
}  // namespace temperature::postgres
