#include "http/inflate.h"

#include <gtest/gtest.h>

namespace temperature::http {
namespace {

// 'g': gzip, '-': as it is, '!': refused.
char meaning(std::string_view content_encoding) {
  const auto gzip = is_gzip(content_encoding);
  if (!gzip) EXPECT_EQ(gzip.error().code, ErrorCode::unsupported_encoding);
  return !gzip ? '!' : *gzip ? 'g' : '-';
}

TEST(ContentEncoding, IsReadWithoutCaseAndAsAList) {
  for (const std::string_view field :
       {"gzip", "GZIP", "x-gzip", "X-GZip", " gzip\t", "identity, gzip", "gzip,identity", "gzip,", ", ,gzip"}) {
    EXPECT_EQ(meaning(field), 'g') << field;
  }
  for (const std::string_view field : {"", "identity", "Identity", "identity,identity", " , "}) {
    EXPECT_EQ(meaning(field), '-') << field;
  }
  for (const std::string_view field : {"deflate", "br", "zstd", "gzip gzip", "gzip, gzip", "gzip, x-gzip", "gzip;q=1",
                                       "\"gzip\"", "gz", "xgzip", "gzip, br", "*"}) {
    EXPECT_EQ(meaning(field), '!') << field;
  }
}

}  // namespace
}  // namespace temperature::http
