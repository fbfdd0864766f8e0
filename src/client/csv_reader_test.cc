#include "client/csv_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "client/bounds.h"

namespace temperature::client {
namespace {

struct Row {
  std::uint64_t line;
  std::vector<std::string> fields;  // empty: a problem row

  bool operator==(const Row&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
  out << row.line << ":";
  for (const std::string& field : row.fields) out << '[' << field << ']';
  return out;
}

std::vector<Row> rows_of(const std::string& text, std::size_t bytes_at_once) {
  MemorySource source(text, bytes_at_once);
  CsvReader reader(source);
  CsvRow row;
  std::vector<Row> rows;
  for (;;) {
    const auto more = reader.next(row);
    EXPECT_TRUE(more);
    if (!more || !*more) return rows;
    EXPECT_EQ(row.problem.empty(), !row.fields.empty());
    rows.push_back({row.line, {row.fields.begin(), row.fields.end()}});
  }
}

// However the bytes arrive, the rows are the same.
void f(const std::string& text, const std::vector<Row>& want) {
  for (const std::size_t bytes_at_once : {1U, 2U, 3U, 7U, 1U << 20}) {
    EXPECT_EQ(rows_of(text, bytes_at_once), want) << text.substr(0, 200) << "\nread " << bytes_at_once << " at once";
  }
}

TEST(CsvReader, reads_lines_however_they_end) {
  f("", {});
  f("\n\r\n", {});
  f("a,b\nc,d\n", {{1, {"a", "b"}}, {2, {"c", "d"}}});
  f("a,b\r\nc,d\r\n", {{1, {"a", "b"}}, {2, {"c", "d"}}});
  f("a,b\nc,d", {{1, {"a", "b"}}, {2, {"c", "d"}}});
  f("a,b\n\nc,d\n", {{1, {"a", "b"}}, {3, {"c", "d"}}});
  f("a,,\n,\n", {{1, {"a", "", ""}}, {2, {"", ""}}});
  f("\xef\xbb\xbf"
    "a,b\n",
    {{1, {"a", "b"}}});
}

TEST(CsvReader, takes_quotes_as_rfc_4180_means_them) {
  f("\"a\",b\n", {{1, {"a", "b"}}});
  f("a,\"b\"\r\nc\n", {{1, {"a", "b"}}, {2, {"c"}}});
  f("\"a,b\",\"c\"\"d\"\n", {{1, {"a,b", "c\"d"}}});
  f("\"\",\"\"\"\"\n", {{1, {"", "\""}}});
  f("\"over\ntwo lines\",b\nc,d\n", {{1, {"over\ntwo lines", "b"}}, {3, {"c", "d"}}});
  f("a,\"b\"", {{1, {"a", "b"}}});
}

TEST(CsvReader, names_a_bad_line_and_goes_on_with_the_next) {
  f("a,b\nx\"y,z\nc,d\n", {{1, {"a", "b"}}, {2, {}}, {3, {"c", "d"}}});
  f("\"a\"b,c\nd,e\n", {{1, {}}, {2, {"d", "e"}}});
  f("\"never closed,b\nc,d\ne,f\n", {{1, {}}, {2, {"c", "d"}}, {3, {"e", "f"}}});
  f("\"a\"\rb\nc\n", {{1, {}}, {2, {"c"}}});
}

TEST(CsvReader, bounds_a_line) {
  const std::string longest(kRecordBytesMax, 'x');
  EXPECT_EQ(rows_of("a\n" + longest + "\nb\n", 5000), (std::vector<Row>{{1, {"a"}}, {2, {longest}}, {3, {"b"}}}));
  EXPECT_EQ(rows_of("a\n" + longest + "x\nb\n", 5000), (std::vector<Row>{{1, {"a"}}, {2, {}}, {3, {"b"}}}));
  // A line far larger than all the memory that reading may take.
  const std::string huge(20 * (kReadBytes + kRecordBytesMax), 'x');
  EXPECT_EQ(rows_of("a\n" + huge + "\nb\n", 100'000), (std::vector<Row>{{1, {"a"}}, {2, {}}, {3, {"b"}}}));
  EXPECT_EQ(rows_of("a\n" + huge, 100'000), (std::vector<Row>{{1, {"a"}}, {2, {}}}));
}

TEST(CsvReader, bounds_a_quoted_field_and_loses_only_its_first_line) {
  std::string text = "a\n\"opened\n";
  std::vector<Row> want{{1, {"a"}}, {2, {}}};
  for (std::uint64_t line = 3; text.size() < 2 * kRecordBytesMax; ++line) {
    text += "b,c\n";
    want.push_back({line, {"b", "c"}});
  }
  EXPECT_EQ(rows_of(text, 5000), want);
}

// What a plain writer of RFC 4180 writes is read back, whatever it holds.
TEST(CsvReader, reads_back_what_was_written) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    constexpr std::string_view kAlphabet = "ab,\"\n\r ";
    std::string text;
    std::vector<Row> want;
    std::uint64_t line = 1;
    for (int i = 0; i < 30; ++i) {
      Row row{line, {}};
      for (std::size_t field = 0, fields = 1 + random() % 4; field < fields; ++field) {
        std::string content(random() % 8, ' ');
        for (char& c : content) c = kAlphabet[random() % kAlphabet.size()];
        std::string doubled;
        for (const char c : content) doubled += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += (field > 0 ? ",\"" : "\"") + doubled + "\"";
        line += static_cast<std::uint64_t>(std::ranges::count(content, '\n'));
        row.fields.push_back(content);
      }
      text += random() % 2 == 0 ? "\n" : "\r\n";
      ++line;
      want.push_back(row);
    }
    ASSERT_EQ(rows_of(text, 1 + random() % 50), want);
  }
}

TEST(CsvReader, takes_another_delimiter_and_passes_over_lines) {
  struct Case {
    std::string text;
    char delimiter;
    std::uint64_t skipped;
    std::vector<Row> want;
  };
  const std::vector<Case> cases{
      {"a;b,c;\"d;e\"\n", ';', 0, {{1, {"a", "b,c", "d;e"}}}},
      {"a\t\tb\r\n", '\t', 0, {{1, {"a", "", "b"}}}},
      {"\xef\xbb\xbf\"Plot Title: 1\"\na,b\n", ',', 1, {{2, {"a", "b"}}}},
      {"a stray \" quote\n\nheader\n", ',', 2, {{3, {"header"}}}},  // an empty line is one
      {"a\nb", ',', 2, {}},
      {"a\nb", ',', 7, {}},
  };
  for (const auto& [text, delimiter, skipped, want] : cases) {
    for (const std::size_t bytes_at_once : {1U, 3U, 64U}) {
      MemorySource source(text, bytes_at_once);
      CsvReader reader(source, delimiter);
      ASSERT_TRUE(reader.skip_lines(skipped));
      CsvRow row;
      std::vector<Row> rows;
      while (reader.next(row).value_or(false)) rows.push_back({row.line, {row.fields.begin(), row.fields.end()}});
      EXPECT_EQ(rows, want) << text;
    }
  }
}

}  // namespace
}  // namespace temperature::client
