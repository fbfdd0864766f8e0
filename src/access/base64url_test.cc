#include "access/base64url.h"

#include <gtest/gtest.h>

namespace temperature::access {
namespace {

TEST(Base64Url, HasTheVectorsOfItsStandard) {
  // RFC 4648, section 10, without padding; RFC 7515, appendix C.
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\x03\xec\xff\xe0\xc1", "A-z_4ME"},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64url(bytes), text);
    EXPECT_EQ(decode_base64url(text), bytes);
  }
}

TEST(Base64Url, GivesBackEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::string some = bytes.substr(0, size);
    ASSERT_EQ(decode_base64url(encode_base64url(some)), some);
  }
}

TEST(Base64Url, IsStrict) {
  for (const std::string_view text :
       {"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm9v ", " Zm9v", "Zm\n9v", "A+z/4ME", "Zm9v\xc3\xa9", "Zm.v"}) {
    EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
  }
  EXPECT_EQ(decode_base64url(std::string_view("Zm9\0", 4)), std::nullopt);
}

TEST(Base64, IsPaddedAndHasTheUsualAlphabet) {
  EXPECT_EQ(decode_base64("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), "Aladdin:open sesame");  // RFC 7617, section 2
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("A+z/4ME="), "\x03\xec\xff\xe0\xc1");
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "====", "Zm9=v", "A-z_4ME=", "Zh=="}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace temperature::access
