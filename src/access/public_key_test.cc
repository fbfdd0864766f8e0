#include "access/public_key.h"

#include <gtest/gtest.h>

#include "access/base64url.h"
#include "access/credentials_for_test.h"
#include "access/openssl.h"

namespace temperature::access {
namespace {

// RFC 8037, appendix A.
constexpr std::string_view kEdJwk =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr std::string_view kEdInput = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr std::string_view kEdSignature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
constexpr std::string_view kEdThumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

// RFC 7515, appendix A.3.
constexpr std::string_view kEcJwk = R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                                    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view kEcInput =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
    "cnVlfQ";
constexpr std::string_view kEcSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

// What is wrong with a key, or "" when it can be used.
std::string fault(std::string_view text) {
  const auto key = PublicKey::read(text);
  if (key) return "";
  EXPECT_EQ(key.error().code, ErrorCode::public_key_invalid);
  return key.error().detail;
}

TEST(PublicKey, VerifiesTheStandardsExamples) {
  const auto ed = PublicKey::read(kEdJwk);
  ASSERT_TRUE(ed);
  EXPECT_EQ(ed->algorithm(), Algorithm::eddsa);
  EXPECT_EQ(ed->thumbprint(), kEdThumbprint);
  EXPECT_TRUE(ed->verifies(kEdInput, *decode_base64url(kEdSignature)));
  const auto ec = PublicKey::read(kEcJwk);
  ASSERT_TRUE(ec);
  EXPECT_EQ(ec->algorithm(), Algorithm::es256);
  EXPECT_TRUE(ec->verifies(kEcInput, *decode_base64url(kEcSignature)));

  EXPECT_FALSE(ed->verifies(kEcInput, *decode_base64url(kEdSignature)));
  EXPECT_FALSE(ec->verifies(kEdInput, *decode_base64url(kEcSignature)));
  EXPECT_FALSE(ed->verifies(kEdInput, *decode_base64url(kEcSignature)));
  EXPECT_FALSE(ec->verifies(kEcInput, *decode_base64url(kEdSignature)));
}

TEST(PublicKey, FindsEveryFlippedBitOfASignature) {
  for (const auto& [jwk, input, text] :
       {std::tuple(kEdJwk, kEdInput, kEdSignature), std::tuple(kEcJwk, kEcInput, kEcSignature)}) {
    const auto key = PublicKey::read(jwk);
    const std::string signature = *decode_base64url(text);
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
      std::string flipped = signature;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      ASSERT_FALSE(key->verifies(input, flipped)) << bit;
    }
    for (const std::string& wrong : {std::string(), std::string(64, '\0'), signature.substr(1), signature + "x"}) {
      EXPECT_FALSE(key->verifies(input, wrong));
    }
  }
}

TEST(PublicKey, SurvivesPemAndBytes) {
  for (const std::string_view jwk : {kEdJwk, kEcJwk}) {
    const auto key = PublicKey::read(jwk);
    const auto from_pem = PublicKey::read("\n" + key->pem());
    ASSERT_TRUE(from_pem) << from_pem.error().detail;
    EXPECT_EQ(*from_pem, *key);
    EXPECT_EQ(PublicKey::from_bytes(key->algorithm(), key->bytes()), *key);
  }
}

TEST(PublicKey, RefusesWhatIsNoKeyOfASensor) {
  EXPECT_EQ(fault(kEdJwk), "");
  EXPECT_NE(fault(""), "");
  EXPECT_NE(fault("AAAAC3NzaC1lZDI1NTE5AAAAI"), "");
  EXPECT_NE(fault("{"), "");
  EXPECT_NE(fault("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n"), "");
  EXPECT_NE(fault(R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"), "");
  EXPECT_NE(fault(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcH"})"), "");
  EXPECT_NE(
      fault(R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"})"),
      "");
  EXPECT_NE(fault(std::string(8'192, ' ') + std::string(kEdJwk)), "");
}

TEST(PublicKey, RefusesAPrivateKeyAndSaysSo) {
  const PrivateKey key = new_key();
  EXPECT_NE(fault(key.pem()).find("private"), std::string::npos);
  EXPECT_NE(fault(R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
                  R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})")
                .find("private"),
            std::string::npos);
}

TEST(PublicKey, RefusesAPointThatIsNotOnItsCurve) {
  // The standard's point with another y: the "invalid curve attack" of RFC 7748's and RFC 8725's warnings.
  EXPECT_NE(fault(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                  R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1"})"),
            "");
  EXPECT_NE(fault(R"({"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",)"
                  R"("y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"),
            "");
  EXPECT_FALSE(PublicKey::from_bytes(Algorithm::es256, std::string(65, '\x04')));
  EXPECT_FALSE(PublicKey::from_bytes(Algorithm::es256, std::string(1, '\0')));  // the point at infinity
}

// Whether OpenSSL takes a signature with R the neutral point and S zero, which needs no private key, for some message.
bool anybody_can_sign_for(const std::string& bytes) {
  const Pkey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, unsigned_bytes(bytes), bytes.size()));
  std::string signature(64, '\0');
  signature[0] = 1;
  for (int message = 0; message < 256; ++message) {
    const std::string text = std::to_string(message);
    const DigestContext context(EVP_MD_CTX_new());
    EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get());
    if (EVP_DigestVerify(context.get(), unsigned_bytes(signature), signature.size(), unsigned_bytes(text),
                         text.size()) == 1) {
      return true;
    }
  }
  return false;
}

// Chalkias and others, "Taming the many EdDSAs": points of small order, under which anybody can sign. That the bytes
// are such points is shown by signing.
TEST(PublicKey, RefusesAPointOfSmallOrder) {
  const std::string order_8 =
      "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
      "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05";
  const std::string other_8 =
      "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
      "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a";
  const auto with_sign = [](std::string bytes) {
    bytes.back() = static_cast<char>(bytes.back() | '\x80');
    return bytes;
  };
  std::string neutral(32, '\0');
  neutral[0] = 1;
  std::string minus_one(32, '\xff');
  minus_one[0] = '\xec';
  minus_one.back() = '\x7f';
  const std::string zero(32, '\0');
  for (const std::string& bytes :
       {zero, with_sign(zero), neutral, minus_one, order_8, with_sign(order_8), other_8, with_sign(other_8)}) {
    EXPECT_TRUE(anybody_can_sign_for(bytes));
    EXPECT_FALSE(PublicKey::from_bytes(Algorithm::eddsa, bytes));
  }
  EXPECT_FALSE(anybody_can_sign_for(PublicKey::read(kEdJwk)->bytes()));
}

}  // namespace
}  // namespace temperature::access
