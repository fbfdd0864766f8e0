#include "http/framing.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "http/request_parser.h"

namespace temperature::http {
namespace {

// What a field, or several of one name, are by RFC 9110 and 9112.
enum class Kind : std::uint8_t { absent, good, unknown, malformed, too_large };

struct Fields {
  std::string_view text;
  Kind kind;
};

constexpr std::array kLengths{
    Fields{"", Kind::absent},
    Fields{"Content-Length: 5\r\n", Kind::good},
    Fields{"content-length:\t005 \r\n", Kind::good},
    Fields{"Content-Length: 5\r\nContent-Length: 5\r\n", Kind::malformed},
    Fields{"Content-Length: 5\r\nContent-Length: 6\r\n", Kind::malformed},
    Fields{"Content-Length: 5, 5\r\n", Kind::malformed},
    Fields{"Content-Length: 5,\r\n", Kind::malformed},
    Fields{"Content-Length: 5 5\r\n", Kind::malformed},
    Fields{"Content-Length: +5\r\n", Kind::malformed},
    Fields{"Content-Length: -5\r\n", Kind::malformed},
    Fields{"Content-Length: 0x5\r\n", Kind::malformed},
    Fields{"Content-Length: 5.0\r\n", Kind::malformed},
    Fields{"Content-Length: \"5\"\r\n", Kind::malformed},
    Fields{"Content-Length:\r\n", Kind::malformed},
    Fields{"Content-Length: 18446744073709551616\r\n", Kind::malformed},  // 2^64
    Fields{"Content-Length: 18446744073709551615\r\n", Kind::too_large},
    Fields{"Content-Length: 33554433\r\n", Kind::too_large},
};

constexpr std::array kCodings{
    Fields{"", Kind::absent},
    Fields{"Transfer-Encoding: chunked\r\n", Kind::good},
    Fields{"transfer-encoding:\t Chunked \r\n", Kind::good},
    Fields{"Transfer-Encoding: CHUNKED\r\n", Kind::good},
    Fields{"Transfer-Encoding: gzip\r\n", Kind::unknown},
    Fields{"Transfer-Encoding: xchunked\r\n", Kind::unknown},
    Fields{"Transfer-Encoding: chunkedx\r\n", Kind::unknown},
    Fields{"Transfer-Encoding: gzip, chunked\r\n", Kind::unknown},
    Fields{"Transfer-Encoding: gzip;q=1, chunked\r\n", Kind::unknown},
    Fields{"Transfer-Encoding: identity\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: identity, chunked\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: chunked, identity\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: chunked, gzip\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: chunked, chunked\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: chunked;q=1\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: chunked,\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: , chunked\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: \"chunked\"\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: chunked chunked\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: ch\xC3\xBCnked\r\n", Kind::malformed},
    Fields{"Transfer-Encoding: \vchunked\r\n", Kind::malformed},
    Fields{"Transfer-Encoding:\r\n", Kind::malformed},
    Fields{"Transfer-Encoding:\r\n chunked\r\n", Kind::malformed},
    Fields{"Transfer-Encoding : chunked\r\n", Kind::malformed},
};

// What has to come of them: RFC 9112, sections 6.1 to 6.3.
std::string_view wanted(Kind length, Kind coding, bool http_1_1) {
  if (length == Kind::malformed || coding == Kind::malformed) return "malformed_request";
  if (coding != Kind::absent) {
    if (length != Kind::absent || !http_1_1) return "malformed_request";
    return coding == Kind::good ? "chunked" : "unsupported_transfer_coding";
  }
  if (length == Kind::too_large) return "body_too_large";
  return length == Kind::good ? "length" : "none";
}

// What comes of them. The bytes behind the head are a body in chunks, and begin with one of five bytes.
std::string_view got(std::string_view fields, bool http_1_1) {
  Request request;
  RequestParser parser(request);
  const std::string text = std::string("POST /a HTTP/1.") + (http_1_1 ? "1" : "0") + "\r\nHost: x\r\n" +
                           std::string(fields) + "\r\n3\r\nabc\r\n0\r\n\r\n";
  std::string_view bytes = text;
  auto stage = parser.parse(bytes);
  if (stage && *stage == RequestParser::Stage::body) stage = parser.parse(bytes);
  if (!stage) return traits(stage.error().code).code;
  if (*stage != RequestParser::Stage::done) return "unfinished";
  EXPECT_EQ(parser.says_body_end(), !fields.empty()) << fields;
  if (request.body == "abc" && bytes.empty()) return "chunked";
  if (request.body == "3\r\nab" && bytes == "c\r\n0\r\n\r\n") return "length";
  if (request.body.empty() && bytes == "3\r\nabc\r\n0\r\n\r\n") return "none";
  return "misread";
}

TEST(Framing, OfEveryLengthWithEveryCoding) {
  for (const bool http_1_1 : {true, false}) {
    for (const Fields& length : kLengths) {
      for (const Fields& coding : kCodings) {
        const std::string_view want = wanted(length.kind, coding.kind, http_1_1);
        const std::string one = std::string(length.text) + std::string(coding.text);
        EXPECT_EQ(got(one, http_1_1), want) << http_1_1 << '\n' << one;
        if (one.empty()) continue;
        const std::string other = std::string(coding.text) + "Accept: x\r\n" + std::string(length.text);
        EXPECT_EQ(got(other, http_1_1), want) << http_1_1 << '\n' << other;
      }
    }
  }
}

TEST(Framing, OfALengthAtItsBound) {
  const auto length = [](std::string text) {
    FramingFields fields;
    fields.lengths = 1;
    fields.content_length = std::move(text);
    const auto framing = framing_of(fields);
    return framing ? framing->length : 0;
  };
  EXPECT_EQ(length("33554432"), 33'554'432U);
  EXPECT_EQ(length("000000000000000000000000000033554432"), 33'554'432U);
  EXPECT_EQ(length("33554433"), 0U);
}

}  // namespace
}  // namespace temperature::http
