#include "ingest/line_protocol.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "ingest/find_byte.h"
#include "ingest/line_cases.h"
#include "ingest/line_reference.h"
#include "ingest/line_text.h"

namespace temperature::ingest {
namespace {

const std::string kGood = "a,t=v x=1";

TEST(LineProtocol, reads_series_as_influxdb_does) {
  for (const auto& [line, want] : kSeriesCases) EXPECT_EQ(outcome_of(line), want) << line;
}

TEST(LineProtocol, reads_fields_as_influxdb_does) {
  for (const auto& [line, want] : kFieldCases) EXPECT_EQ(outcome_of(line), want) << line;
}

// Each case stands between two good lines, and harms neither. A quote that is open takes the line after it along only
// if another quote closes it.
TEST(LineProtocol, keeps_the_lines_around_every_case) {
  for (const auto* cases : {&kSeriesCases[0], &kFieldCases[0]}) {
    const std::size_t count = cases == kSeriesCases ? std::size(kSeriesCases) : std::size(kFieldCases);
    for (std::size_t i = 0; i < count; ++i) {
      const auto& [line, want] = cases[i];
      const std::string body = kGood + "\n" + std::string(line) + "\r\n" + kGood + " 7\n";
      EXPECT_EQ(outcome_of(body), "a{t=v} x=1; " + std::string(want) + "; a{t=v} x=1 @7") << line;
    }
  }
}

TEST(LineProtocol, the_plain_reader_agrees_on_every_case) {
  for (const auto& [line, want] : kSeriesCases) {
    EXPECT_EQ(read_lines_plainly(line).front().sound, want.contains('{')) << line;
  }
  for (const auto& [line, want] : kFieldCases) {
    EXPECT_EQ(read_lines_plainly(line).front().sound, want.contains('{')) << line;
  }
}

TEST(LineProtocol, reads_timestamps) {
  const auto expect = [](const std::string& behind, const std::string& want) {
    EXPECT_EQ(outcome_of("cpu v=1" + behind), want) << behind;
  };
  expect(" 1257894000000000000", "cpu{} v=1 @1257894000000000000");
  expect(" 0", "cpu{} v=1 @0");
  expect(" -1", "cpu{} v=1 @-1");
  expect(" -0", "cpu{} v=1 @0");
  expect(" 0000000000000000000000000000012", "cpu{} v=1 @12");
  expect(" 9223372036854775807", "cpu{} v=1 @9223372036854775807");
  expect(" -9223372036854775808", "cpu{} v=1 @-9223372036854775808");
  expect("", "cpu{} v=1");
  for (const char* bad : {" 9223372036854775808", " -9223372036854775809", " 99999999999999999999", " 1i", " 1.5", " -",
                          " --1", " +1", " 1e9", " 12 34", R"( 0\)", " abc", " 2022-10-05T22:00:00Z"}) {
    expect(bad, std::string(kNoTime));
  }
}

TEST(LineProtocol, passes_over_gaps_blank_lines_and_comments) {
  const std::string want = "cpu{} v=1 @5";
  for (const char* body : {"cpu    v=1 5", "cpu v=1     5", "cpu      v=1     5", "cpu v=1 5   ", "cpu v=1 5\n",
                           "cpu v=1 5\r\n", "cpu v=1 5 \r\n", "cpu v=1 5\r", "   cpu v=1 5", "\tcpu v=1 5",
                           "cpu \tv=1 \t5", "\n\ncpu v=1 5\n\n", "\r\n \r\ncpu v=1 5\r\n\r\n", "# a comment\ncpu v=1 5",
                           "  # one,t=v x=1\ncpu v=1 5\n#", "#\r\ncpu v=1 5\n# the end"}) {
    EXPECT_EQ(outcome_of(body), want) << body;
  }
  for (const char* body : {"", " ", "\n", "\r\n", "\r", "#", "# only a comment", " \t\r\n#\n", "\n\n\n"}) {
    EXPECT_EQ(outcome_of(body), "") << body;
  }
  EXPECT_EQ(outcome_of("cpu,t=# v=1"), "cpu{t=#} v=1");  // no comment
}

TEST(LineProtocol, names_the_lines_as_an_editor_counts_them) {
  EXPECT_EQ(outcome_of("a x=1\n\n# comment\nb\r\nc s=\"1\n2\n3\",x=1\nd x=1", true),
            "1: a{} x=1; 4: the fields are missing; 5: c{} s=text x=1; 8: d{} x=1");
  EXPECT_EQ(outcome_of("a x=?,s=\"1\n2\"\nb x=1", true), "1: " + std::string(kNoNumber) + "; 3: b{} x=1");
  EXPECT_EQ(outcome_of("a s=\"1\n2\",x=?\nb x=1", true), "1: " + std::string(kNoNumber) + "; 3: b{} x=1");
}

TEST(LineProtocol, a_quote_that_never_ends_takes_one_line_along) {
  EXPECT_EQ(outcome_of("a x=1\nb s=\"1\nc x=1\nd x=2", true),
            "1: a{} x=1; 2: a quote does not end; 3: c{} x=1; 4: d{} x=2");
  // The first string ends, and holds a newline; the second does not.
  EXPECT_EQ(outcome_of("a s=\"1\n2\",t=\"3\nb x=1", true), "1: a quote does not end; 3: b{} x=1");
}

TEST(LineProtocol, a_guess_changes_nothing) {
  const std::string body = "a,t=v x=1 1\na,t=v x=2 2\na,t=vw x=3 3\na,t=v\\ w x=4 4\na,t=v\na,t=v,u=w x=6\na,t=v x=7";
  for (const char* guess : {"", "a,t=v", "a,t=vw", "a,t=v\\ w", "a", "a,t=v,u=w", "b", "a,t=v x=1 1 and much more"}) {
    LineReader reader(body);
    LinePoint point;
    std::string text;
    for (auto found = reader.next(point, guess); found != LineReader::Found::end; found = reader.next(point, guess)) {
      text += found == LineReader::Found::point ? text_of(point) + "; " : "fault; ";
    }
    EXPECT_EQ(text,
              "a{t=v} x=1 @1; a{t=v} x=2 @2; a{t=vw} x=3 @3; a{t=v w} x=4 @4; fault; a{t=v,u=w} x=6; a{t=v} x=7; ")
        << guess;
  }
}

TEST(LineProtocol, text_is_the_line_that_was_read) {
  LineReader reader("  a x=1 5 \r\nb\r\nc s=\"1\n2\"");
  LinePoint point;
  ASSERT_EQ(reader.next(point), LineReader::Found::point);
  EXPECT_EQ(reader.text(), "a x=1 5 ");
  ASSERT_EQ(reader.next(point), LineReader::Found::fault);
  EXPECT_EQ(reader.text(), "b");
  ASSERT_EQ(reader.next(point), LineReader::Found::point);
  EXPECT_EQ(reader.text(), "c s=\"1\n2\"");
  EXPECT_EQ(reader.next(point), LineReader::Found::end);
}

TEST(LineProtocol, a_line_may_have_this_many_tags) {
  std::string line = "m";
  for (std::size_t i = 0; i < limits::kLineTagsMax; ++i) line += ",t" + std::to_string(i) + "=x";
  EXPECT_TRUE(outcome_of(line + " v=1").ends_with("} v=1"));
  EXPECT_EQ(outcome_of(line + ",more=x v=1"), "there are too many tags");
}

// Numbers of every length at every distance from the body's end: eight digits are read at once where they fit.
TEST(LineProtocol, reads_numbers_of_every_length) {
  std::string digits;
  for (int i = 1; i <= 24; ++i) {
    digits += static_cast<char>('0' + i % 10);
    for (std::size_t point_at = 0; point_at <= digits.size(); ++point_at) {
      const std::string number = digits.substr(0, point_at) + "." + digits.substr(point_at);
      for (const char* behind : {"", " 1", ",w=1 1700000000000000000", " 1700000000000000000\nb x=1"}) {
        LinePoint point;
        const std::string body = "a v=" + number + behind;
        LineReader reader(body);
        ASSERT_EQ(reader.next(point), LineReader::Found::point) << body;
        EXPECT_EQ(point.fields[0].number, std::strtod(number.c_str(), nullptr)) << body;
      }
    }
  }
}

TEST(FindByte, finds_the_first_wherever_it_stands) {
  for (std::size_t size = 0; size < 50; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      std::string text(size, '.');
      if (at < size) text[at] = 'x';
      if (at + 3 < size) text[at + 3] = 'y';
      const char* end = text.data() + size;
      EXPECT_EQ((find_byte<'y', 'x'>(text.data(), end)), text.data() + at);
      EXPECT_EQ((portable::find_byte<'y', 'x'>(text.data(), end)), text.data() + at);
    }
  }
}

}  // namespace
}  // namespace temperature::ingest
