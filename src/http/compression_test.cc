#include "http/compression.h"

#include <gtest/gtest.h>

#include <string>

#include "http/inflate.h"

namespace temperature::http {
namespace {

std::string inflated(const std::string& gzip) {
  std::string out;
  const auto done = inflate_gzip(gzip, limits::kMiB * 64, out);
  return done ? out : "not gzip: " + done.error().detail;
}

std::string rows(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += R"({"room":"r","value":)" + std::to_string(i * 7919 % 1000) + "}\n";
  return text;
}

TEST(AsksForGzip, WhereItIsNamedWithAWeight) {
  for (const char* value :
       {"gzip", "gzip, deflate, br", "deflate, gzip;q=0.5", "x-gzip", "*", "GZIP", "br;q=1.0, gzip;q=0.8",
        "identity;q=0.5, gzip;q=0.5", "gzip ; q=0.001", "*;q=0.1", "deflate;q=0.1;x=1,gzip;x=y;q=1"}) {
    EXPECT_TRUE(asks_for_gzip(value)) << value;
  }
  for (const char* value : {"", "identity", "deflate", "gzip;q=0", "gzip;q=0.000", "*;q=1, gzip;q=0", "br",
                            "identity, gzip;q=0.5", "gzip;q=nan", "gzip;q=2", "gzip;q=-1", "gzipped", "*;q=0", ",,"}) {
    EXPECT_FALSE(asks_for_gzip(value)) << value;
  }
}

TEST(IsCompressible, TextThatIsLargeOrComesInPieces) {
  const auto decided = [](Method method, std::string_view type, std::size_t bytes, int status = 200) {
    Request request;
    request.method = method;
    Response response;
    response.status = status;
    response.content_type = type;
    response.body.assign(bytes, 'x');
    return is_compressible(request, response);
  };
  EXPECT_TRUE(decided(Method::get, "application/json", limits::kGzipBytesMin));
  EXPECT_TRUE(decided(Method::head, "text/csv; charset=utf-8", 5'000));
  EXPECT_FALSE(decided(Method::get, "application/json", limits::kGzipBytesMin - 1));
  EXPECT_FALSE(decided(Method::post, "application/json", 5'000));  // a new key's secret among it
  EXPECT_FALSE(decided(Method::get, "image/png", 5'000));
  EXPECT_FALSE(decided(Method::get, "application/json", 5'000, 304));
  Response pieces;
  pieces.more = [](Exchange&) {};
  EXPECT_TRUE(is_compressible(Request(), pieces));
  pieces.headers.emplace_back("Content-Encoding", "gzip");
  EXPECT_FALSE(is_compressible(Request(), pieces));
}

TEST(GzipWriter, SaysTheSameInFewerBytes) {
  for (const std::size_t count : {0U, 1U, 1'000U, 100'000U}) {
    const std::string text = rows(count);
    std::string body = text;
    GzipWriter().compress(body, true);
    if (count >= 1'000) EXPECT_LT(body.size(), text.size() / 4);
    EXPECT_EQ(inflated(body), text);
  }
}

TEST(GzipWriter, PiecesAreOneBody) {
  GzipWriter writer;
  std::string sent;
  std::string text;
  for (const std::size_t count : {3U, 0U, 5'000U, 40U}) {
    std::string piece = rows(count);
    text += piece;
    writer.compress(piece, false);
    sent += piece;
  }
  std::string end;
  writer.compress(end, true);
  EXPECT_EQ(inflated(sent + end), text);
}

TEST(GzipWriter, WhatCannotBeCompressedGrowsALittle) {
  std::string noise;
  std::uint64_t state = 1;
  for (int i = 0; i < 200'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    noise.push_back(static_cast<char>(state >> 56));
  }
  std::string body = noise;
  GzipWriter().compress(body, true);
  EXPECT_LT(body.size(), noise.size() + noise.size() / 100);
  EXPECT_EQ(inflated(body), noise);
}

}  // namespace
}  // namespace temperature::http
