#include "access/credential.h"

#include <gtest/gtest.h>

namespace temperature::access {
namespace {

// The credential, or the code of the error.
std::string found(std::string_view authorization, std::string_view password = {}) {
  const auto credential = credential_of({authorization, password, {}});
  return credential ? *credential : std::string(traits(credential.error().code).code);
}

TEST(Credential, StandsWhereClientsPutIt) {
  EXPECT_EQ(found("Bearer abc"), "abc");
  EXPECT_EQ(found("bEARER   abc"), "abc");
  EXPECT_EQ(found("Token abc"), "abc");               // InfluxDB 2
  EXPECT_EQ(found("Token someone:abc"), "abc");       // InfluxDB 1.8 under the client of 2
  EXPECT_EQ(found("Basic c29tZW9uZTphYmM="), "abc");  // someone:abc
  EXPECT_EQ(found("Basic OmFiYw=="), "abc");          // :abc
  EXPECT_EQ(found("Basic YWJjOg=="), "abc");          // abc: as `curl -u abc:`
  EXPECT_EQ(found("Basic YWJj"), "abc");              // abc, without a colon
  EXPECT_EQ(found("Basic YTpiOmM="), "b:c");          // only the first colon parts (RFC 7617, section 2)
  EXPECT_EQ(found("", "abc"), "abc");
  EXPECT_EQ(found("Bearer abc", "other"), "abc");
}

TEST(Credential, IsMissing) {
  EXPECT_EQ(found(""), "credential_missing");
}

TEST(Credential, IsRefusedInAnyOtherShape) {
  for (const std::string_view wrong : {"abc", "Bearer", "Bearer ", "Bearer\tabc", "Digest abc", "Basic", "Basic %%%",
                                       "Basic Og==", "Basic ", " Bearer abc", "Bearerabc"}) {
    EXPECT_EQ(found(wrong), "credential_invalid") << wrong;
  }
  EXPECT_EQ(found("Bearer " + std::string(limits::kAuthorizationBytesMax, 'x')), "credential_invalid");
  EXPECT_EQ(found("Bearer " + std::string(limits::kAuthorizationBytesMax - 7, 'x')).size(),
            limits::kAuthorizationBytesMax - 7);
}

}  // namespace
}  // namespace temperature::access
