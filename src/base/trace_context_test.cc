#include "base/trace_context.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace temperature {
namespace {

constexpr std::string_view kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr std::string_view kSpan = "00f067aa0ba902b7";

std::string header(std::string_view version, std::string_view trace, std::string_view span, std::string_view rest) {
  std::string text(version);
  for (const std::string_view part : {trace, span, rest}) {
    text.push_back('-');
    text += part;
  }
  return text;
}

// The examples of the specification, and what its section "Versioning of traceparent" lets in.
TEST(TraceContext, reads_what_is_valid) {
  const auto ids = read_traceparent(header("00", kTrace, kSpan, "01"));
  ASSERT_TRUE(ids);
  EXPECT_EQ(ids->trace[0], 0x4bf92f3577b34da6U);
  EXPECT_EQ(ids->trace[1], 0xa3ce929d0e0e4736U);
  EXPECT_EQ(ids->span, 0x00f067aa0ba902b7U);
  EXPECT_TRUE(ids->sampled);
  EXPECT_EQ(trace_id_text(*ids), kTrace);
  EXPECT_EQ(span_id_text(*ids), kSpan);
  for (const auto& [text, sampled] : {
           std::pair(header("00", kTrace, kSpan, "00"), false),
           std::pair(header("00", kTrace, kSpan, "09"), true),   // one bit is looked at
           std::pair(header("00", kTrace, kSpan, "fe"), false),  // the others say nothing
           std::pair(header("cc", kTrace, kSpan, "01"), true),   // a later version, that may go on
           std::pair(header("cc", kTrace, kSpan, "01-what-the-future-will-be-like"), true),
           std::pair(header("01", kTrace, kSpan, "00-"), false),
           std::pair(header("00", "00000000000000000000000000000001", "0000000000000001", "01"), true),
           std::pair(header("00", "10000000000000000000000000000000", "1000000000000000", "01"), true),
       }) {
    const auto read = read_traceparent(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->sampled, sampled) << text;
  }
}

// Those that the specification's own test harness sends, and each place of a valid one spoilt.
TEST(TraceContext, refuses_what_is_not) {
  for (const std::string& text : {
           std::string(),
           std::string("00"),
           std::string("00-"),
           header("ff", kTrace, kSpan, "01"),
           header("ff", kTrace, kSpan, "01-more"),
           header("0", kTrace, kSpan, "01"),
           header("000", kTrace, kSpan, "01"),
           header(".0", kTrace, kSpan, "01"),
           header("0.", kTrace, kSpan, "01"),
           header("0A", kTrace, kSpan, "01"),
           header("00", "00000000000000000000000000000000", kSpan, "01"),
           header("00", kTrace, "0000000000000000", "01"),
           header("00", "4BF92F3577B34DA6A3CE929D0E0E4736", kSpan, "01"),
           header("00", kTrace, "00F067AA0BA902B7", "01"),
           header("00", "4bf92f3577b34da6a3ce929d0e0e473", kSpan, "01"),
           header("00", "4bf92f3577b34da6a3ce929d0e0e47361", kSpan, "01"),
           header("00", kTrace, "00f067aa0ba902b", "01"),
           header("00", kTrace, "00f067aa0ba902b71", "01"),
           header("00", kTrace, kSpan, ""),
           header("00", kTrace, kSpan, "1"),
           header("00", kTrace, kSpan, "001"),
           header("00", kTrace, kSpan, ".0"),
           header("00", kTrace, kSpan, "0."),
           header("00", kTrace, kSpan, "0A"),
           header("00", kTrace, kSpan, "01."),
           header("00", kTrace, kSpan, "01-what-the-future-will-be-like"),
           header("cc", kTrace, kSpan, "01.what-the-future-will-be-like"),
           header("cc", kTrace, kSpan, "012"),
           header("cc", kTrace, kSpan, "0"),
           header("00", kTrace, kSpan, "01") + ", " + header("00", kTrace, kSpan, "01"),  // two headers
           header("cc", kTrace, kSpan, "01") + ", " + header("cc", kTrace, kSpan, "01"),
           " " + header("00", kTrace, kSpan, "01"),
           header("00", kTrace, kSpan, "01") + " ",
       }) {
    EXPECT_FALSE(read_traceparent(text)) << text;
  }
  const std::string good = header("00", kTrace, kSpan, "01");
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char wrong : {'g', 'A', '-', '_', ' ', '\0', '\xff'}) {
      std::string spoilt = good;
      if (spoilt[at] == wrong) continue;
      spoilt[at] = wrong;
      EXPECT_FALSE(read_traceparent(spoilt)) << at << " " << spoilt;
    }
    EXPECT_FALSE(read_traceparent(std::string_view(good).substr(0, at))) << at;
  }
}

TEST(TraceContext, hands_on_what_it_knows_as_version_00) {
  for (const std::string_view text : {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff",
                                      "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-more"}) {
    EXPECT_EQ(traceparent_text(*read_traceparent(text)), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  }
}

TEST(TraceContext, keeps_the_trace_and_makes_a_span) {
  const TraceIds parent = *read_traceparent(header("00", kTrace, kSpan, "01"));
  const TraceIds child = child_of(parent);
  EXPECT_EQ(child.trace, parent.trace);
  EXPECT_NE(child.span, parent.span);
  EXPECT_TRUE(child.known());
  EXPECT_TRUE(child.sampled);
}

TEST(TraceContext, makes_ids_that_are_valid_and_do_not_meet) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    const TraceIds ids = new_trace();
    EXPECT_FALSE(ids.sampled);
    EXPECT_EQ(read_traceparent(traceparent_text(ids)), ids);
    EXPECT_TRUE(seen.insert(trace_id_text(ids)).second);
    EXPECT_TRUE(seen.insert(span_id_text(ids)).second);
  }
}

TEST(TraceContext, has_no_ids_at_first) {
  EXPECT_FALSE(TraceIds().known());
}

}  // namespace
}  // namespace temperature
