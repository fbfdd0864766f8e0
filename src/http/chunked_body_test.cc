#include "http/chunked_body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "http/framing.h"

namespace temperature::http {
namespace {

// What becomes of `bytes` cut into pieces of `piece`: the body, '|' and what was left over; or the error's code; or
// "more" when the body has no end yet.
std::string read(std::string_view bytes, std::size_t piece) {
  ChunkedBody chunks;
  std::string body;
  std::string_view rest;
  for (std::size_t shown = 0; shown < bytes.size();) {
    const std::size_t more = std::min(piece, bytes.size() - shown);
    rest = bytes.substr(shown - rest.size(), rest.size() + more);
    shown += more;
    const auto whole = chunks.take(rest, body);
    if (!whole) return std::string(traits(whole.error().code).code);
    if (*whole) return body + "|" + std::string(rest) + std::string(bytes.substr(shown));
    EXPECT_TRUE(rest.empty());
  }
  return "more";
}

struct Row {
  std::string_view bytes;
  std::string_view want;
};

constexpr std::string_view kRefused = "malformed_request";

class Chunks : public ::testing::TestWithParam<Row> {};

TEST_P(Chunks, AreReadHoweverTheyAreCut) {
  for (const std::size_t piece : {1UL, 2UL, 3UL, 5UL, 1'000UL}) {
    EXPECT_EQ(read(GetParam().bytes, piece), GetParam().want) << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Taken, Chunks,
    ::testing::Values(Row{"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET", "abcde|GET"}, Row{"0\r\n\r\n", "|"},
                      Row{"000\r\n\r\n\r\n", "|\r\n"},
                      Row{"A\r\n0123456789\r\n0a\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789|"},
                      Row{"3 \r\nabc\r\n0  \t\r\n\r\n", "abc|"},  // senders that pad their sizes
                      Row{"3;a\r\nabc\r\n0;b=c\r\n\r\n", "abc|"}, Row{"3 ; a = \"b c\" ;d\r\nabc\r\n0\r\n\r\n", "abc|"},
                      Row{"3;\r\nabc\r\n0\r\n\r\n", "abc|"}, Row{"2\r\n\r\n\r\n0\r\n\r\n", "\r\n|"},
                      Row{"0\r\nA: b\r\nContent-Length:\t5\r\n\r\nhello",
                          "|hello"},  // a trailer says nothing of a length
                      Row{"0\r\nA:\r\n\r\n", "|"}));

INSTANTIATE_TEST_SUITE_P(
    Refused, Chunks,
    ::testing::Values(Row{"\r\n", kRefused}, Row{" 3\r\nabc\r\n", kRefused}, Row{"+3\r\nabc\r\n", kRefused},
                      Row{"-3\r\nabc\r\n", kRefused}, Row{"0x3\r\nabc\r\n", kRefused}, Row{"3g\r\nabc\r\n", kRefused},
                      Row{"3 4\r\nabc\r\n", kRefused}, Row{"3\nabc\r\n", kRefused}, Row{"3\rabc\r\n", kRefused},
                      Row{"3\r\r\nabc\r\n", kRefused}, Row{"3;a\nb\r\nabc\r\n", kRefused},
                      Row{"3;a\rb\r\nabc\r\n", kRefused}, Row{std::string_view("3;\0\r\nabc\r\n", 10), kRefused},
                      Row{"3\r\nabcd\r\n", kRefused}, Row{"3\r\nabc\n", kRefused}, Row{"3\r\nabc\rx", kRefused},
                      Row{"3\r\nab\r\n0\r\n\r\n", kRefused}, Row{";a\r\n", kRefused},
                      Row{"0\r\nGET / HTTP/1.1\r\n\r\n", kRefused},  // a request, not a field
                      Row{"0\r\nA: b\n\r\n", kRefused}, Row{"0\r\nA: b\r\n c\r\n\r\n", kRefused},
                      Row{"0\r\n: b\r\n\r\n", kRefused}, Row{"0\r\nA : b\r\n\r\n", kRefused},
                      Row{"0\r\nA\r\n\r\n", kRefused}, Row{"0\r\n\n", kRefused}, Row{"0\r\n\rx", kRefused},
                      Row{"00000000000000000\r\n", kRefused}, Row{"2000001\r\n", "body_too_large"},
                      Row{"fffffffffffffffff\r\n", "body_too_large"}, Row{"ffffffffffffffff\r\n", "body_too_large"}));

INSTANTIATE_TEST_SUITE_P(Cut, Chunks,
                         ::testing::Values(Row{"0", "more"}, Row{"0\r", "more"}, Row{"0\r\n", "more"},
                                           Row{"0\r\n\r", "more"}, Row{"3\r\nab", "more"}, Row{"3\r\nabc", "more"},
                                           Row{"3 ", "more"}, Row{"3;x", "more"}, Row{"0\r\nA: b\r\n", "more"}));

TEST(ChunkedBody, HasABodyOfTheBoundAndNoMore) {
  const std::string most = "1ffffff\r\n" + std::string(limits::kBodyBytesMax - 1, 'x') + "\r\n";
  const std::string fits = read(most + "1\r\ny\r\n0\r\n\r\n", 1'000'000);
  EXPECT_EQ(fits.size(), limits::kBodyBytesMax + 1);
  EXPECT_TRUE(fits.ends_with("xy|"));
  EXPECT_EQ(read(most + "2\r\nyz\r\n0\r\n\r\n", 1'000'000), "body_too_large");
}

TEST(ChunkedBody, BoundsExtensionsOfAllChunksTogether) {
  const auto with_extensions = [](std::size_t bytes) {
    const std::string half(bytes / 2 - 1, 'x');
    return read("1;" + half + "\r\na\r\n0;" + half + "\r\n\r\n", 1'000'000);
  };
  EXPECT_EQ(with_extensions(limits::kChunkExtensionBytesMax), "a|");
  EXPECT_EQ(with_extensions(limits::kChunkExtensionBytesMax + 2), kRefused);
}

TEST(ChunkedBody, BoundsTrailers) {
  const auto with_trailers = [](std::size_t bytes) {
    return read("0\r\nA:" + std::string(bytes - 6, 'x') + "\r\n\r\n", 1'000'000);
  };
  EXPECT_EQ(with_trailers(limits::kTrailerBytesMax), "|");
  EXPECT_EQ(with_trailers(limits::kTrailerBytesMax + 1), "headers_too_large");
}

}  // namespace
}  // namespace temperature::http
