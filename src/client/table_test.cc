#include "client/table.h"

#include <gtest/gtest.h>

namespace temperature::client {
namespace {

using Side = Table::Side;

TEST(Table, AlignsColumns) {
  Table table({{"ROOM"}, {"AVERAGE", Side::right}, {"LATEST"}});
  table.add({"kitchen", "21.50 °C", "4 s ago"});
  table.add({"a", "-3.00 °C", ""});
  EXPECT_EQ(table.take_lines(),
            "ROOM      AVERAGE  LATEST\n"
            "kitchen  21.50 °C  4 s ago\n"
            "a        -3.00 °C  -\n");
}

TEST(Table, GoesOnPageByPage) {
  Table table({{"ID"}, {"NAME"}});
  table.add({"1", "one"});
  EXPECT_EQ(table.take_lines(), "ID  NAME\n1   one\n");
  EXPECT_EQ(table.take_lines(), "");
  table.add({"1000", "two"});
  EXPECT_EQ(table.take_lines(), "1000  two\n");
  table.add({"2", "three"});
  EXPECT_EQ(table.take_lines(), "2     three\n");
}

TEST(Table, ShowsNothingWithoutRows) {
  EXPECT_EQ(Table({{"ID"}}).take_lines(), "");
}

TEST(Table, EscapesWhatATerminalWouldObey) {
  Table table({{"NAME"}, {"ROLE"}});
  table.add({"\x1b[2J\r\nx\u202e", "reader"});
  EXPECT_EQ(table.take_lines(), "NAME" + std::string(22, ' ') +
                                    "ROLE\n"  // 24 columns and 2
                                    "\\x1b[2J\\x0d\\x0ax\\u{202e}  reader\n");
}

TEST(Table, CountsColumnsOfATerminal) {
  EXPECT_EQ(columns_of("Küche"), 5U);
  EXPECT_EQ(columns_of("Ku\u0308che"), 5U);  // a mark that joins the letter before
  EXPECT_EQ(columns_of("厨房"), 4U);
  EXPECT_EQ(columns_of("\U0001F321"), 2U);
  EXPECT_EQ(columns_of(""), 0U);
}

}  // namespace
}  // namespace temperature::client
