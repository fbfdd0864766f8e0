#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include "access/bucket_table.h"
#include "access/credentials_for_test.h"
#include "access/keyed_gate.h"
#include "access/memory_registry.h"
#include "access/registry.h"
#include "access/token.h"
#include "model/name_limits.h"

// Every way that is known to get past a check of tokens, each under the name of where it was told: RFC 8725 (JSON Web
// Token Best Current Practices), the standards, and the holes that others had (CVE). All of it goes through the gate.
namespace temperature::access {
namespace {

constexpr std::string_view kHeader = R"({"alg":"EdDSA","typ":"JWT","kid":"k1"})";
constexpr std::string_view kEcHeader = R"({"alg":"ES256","typ":"JWT","kid":"k2"})";

std::string hmac(std::string_view secret, std::string_view message) {
  std::string out(32, '\0');
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
       reinterpret_cast<unsigned char*>(out.data()), nullptr);
  return out;
}

class TokenAttack : public ::testing::Test {
 protected:
  // "admitted", or the code of the error.
  std::string ask(const std::string& token) {
    Visit visit;
    const auto admitted = gate.admit({"Bearer " + token, {}, "10.0.0.1"}, Need::write, visit);
    return admitted ? "admitted" : std::string(traits(admitted.error().error.code).code);
  }
  void refused(std::string_view source, const std::string& token, std::string_view code = "credential_invalid") {
    EXPECT_EQ(ask(token), code) << source << ": " << token.substr(0, 200);
  }

  std::int64_t now_s() const { return clock.ms / 1'000; }
  std::string claims(std::string_view more = "") const {
    return fmt::format(R"({{"sub":"s1","aud":"temperature-service","iat":{},"exp":{}{}}})", now_s(), now_s() + 3'600,
                       more);
  }
  std::string times(std::string_view iat, std::string_view exp) const {
    return fmt::format(R"({{"sub":"s1","aud":"temperature-service","iat":{},"exp":{}}})", iat, exp);
  }
  std::string with_header(std::string_view header) const { return signed_token(key, header, claims()); }
  std::string with_claims(std::string_view its_claims) const { return signed_token(key, kHeader, its_claims); }
  std::string symmetric(std::string_view algorithm, std::string_view kid, std::string_view secret) const {
    const std::string header = fmt::format(R"({{"alg":"{}","typ":"JWT","kid":"{}"}})", algorithm, kid);
    const std::string part = encode_base64url(header) + "." + encode_base64url(claims());
    return part + "." + encode_base64url(hmac(secret, part));
  }

  FixedClock clock;
  FixedStopwatch stopwatch;
  MemoryRegistry registry;
  BucketTable buckets;
  LimitPolicy limits{{}, buckets, stopwatch};
  KeyedGate gate{{.admin_key = "the-operator's-own-key-0123456789", .open = {}}, registry, limits, clock};
  const PrivateKey key = new_key();                     // s1's k1
  const PrivateKey second = new_key(Algorithm::es256);  // s1's k2
  const PrivateKey others = new_key();                  // s2's k1
  const PrivateKey attacker = new_key();
  const PrivateKey attacker_ec = new_key(Algorithm::es256);

  void SetUp() override {
    ASSERT_TRUE(registry.put_sensor(sensor_with("s1", {{"k1", key.public_key()}, {"k2", second.public_key()}})));
    ASSERT_TRUE(registry.put_sensor(sensor_with("s2", {{"k1", others.public_key()}})));
    // What follows is refused for what is wrong with it, and not because nothing is admitted.
    ASSERT_EQ(ask(with_header(kHeader)), "admitted");
    ASSERT_EQ(ask(signed_token(second, kEcHeader, claims())), "admitted");
  }
};

TEST_F(TokenAttack, AlgorithmNone) {
  for (const std::string_view none : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string header = fmt::format(R"({{"alg":"{}","typ":"JWT","kid":"k1"}})", none);
    const std::string part = encode_base64url(header) + "." + encode_base64url(claims());
    refused("RFC 8725, 3.2; CVE-2015-2951: unsigned", part + ".");
    refused("CVE-2022-23540: none, with a signature", signed_token(key, header, claims()));
    refused("none, and something for a signature", part + ".AAAA");
  }
  refused("RFC 7515, 4.1.1: no algorithm", with_header(R"({"typ":"JWT","kid":"k1"})"));
}

TEST_F(TokenAttack, AlgorithmConfusion) {
  const std::string pem = key.public_key().pem();
  refused("RFC 8725, 2.1; CVE-2015-9235; CVE-2016-10555: the public key as a shared secret",
          symmetric("HS256", "k1", pem));
  refused("CVE-2017-11424; CVE-2022-29217: in another form", symmetric("HS256", "k1", key.public_key().bytes()));
  refused("CVE-2024-33663: that of an ECDSA key", symmetric("HS256", "k2", second.public_key().pem()));
  refused("CVE-2024-54150: under the right name", symmetric("EdDSA", "k1", pem));
  refused("CVE-2019-20933: an empty secret", symmetric("HS256", "k1", ""));
  refused("CVE-2021-46743: an algorithm that is not the key's",
          with_header(R"({"alg":"ES256","typ":"JWT","kid":"k1"})"));
  refused("RFC 8725, 3.1: another of the sensor's keys than was named",
          signed_token(second, R"({"alg":"ES256","typ":"JWT","kid":"k1"})", claims()));
  refused("the same the other way round", with_header(R"({"alg":"EdDSA","typ":"JWT","kid":"k2"})"));
  for (const std::string_view other : {"HS256", "HS512", "RS256", "PS256", "ES384", "ES512", "ES256K", "Ed448", "eddsa",
                                       "es256", "EdDSA ", " EdDSA", "EdDSA\\u0000"}) {
    refused("RFC 8725, 3.1: " + std::string(other), with_header(fmt::format(R"({{"alg":"{}","kid":"k1"}})", other)));
  }
  refused("an array of algorithms", with_header(R"({"alg":["EdDSA"],"kid":"k1"})"));
  refused("a number for an algorithm", with_header(R"({"alg":1,"kid":"k1"})"));
}

TEST_F(TokenAttack, KeysThatTheTokenBrings) {
  const std::string jwk =
      fmt::format(R"({{"kty":"OKP","crv":"Ed25519","x":"{}"}})", encode_base64url(attacker.public_key().bytes()));
  refused("CVE-2018-0114: an embedded key",
          signed_token(attacker, fmt::format(R"({{"alg":"EdDSA","kid":"k1","jwk":{}}})", jwk), claims()));
  for (const std::string_view member :
       {R"("jku":"https://attacker.example/keys")", R"("x5u":"https://attacker.example/c")", R"("x5c":["MIIB"])",
        R"("x5t":"AAAA")", R"("x5t#S256":"AAAA")"}) {
    refused("RFC 8725, 3.10: " + std::string(member),
            with_header(fmt::format(R"({{"alg":"EdDSA","kid":"k1",{}}})", member)));
  }
}

TEST_F(TokenAttack, KidInjection) {
  for (const std::string_view kid : {"../../../../dev/null", "k1' OR '1'='1", "k1\\u0000", "k1\\n", "K1", "k", "k11",
                                     "|id", "k1/../k1", "*", "%6b1"}) {
    refused("RFC 8725, 3.10: " + std::string(kid),
            with_header(fmt::format(R"({{"alg":"EdDSA","typ":"JWT","kid":"{}"}})", kid)));
  }
  for (const std::string_view kid : {"\"\"", "1", "null", "[\"k1\"]", "{\"k1\":1}"}) {
    refused("kid of another type", with_header(fmt::format(R"({{"alg":"EdDSA","typ":"JWT","kid":{}}})", kid)));
  }
  refused("no kid", with_header(R"({"alg":"EdDSA","typ":"JWT"})"));
  refused("a long kid",
          with_header(fmt::format(R"({{"alg":"EdDSA","kid":"{}"}})", std::string(limits::kKidBytesMax + 1, 'k'))));
}

TEST_F(TokenAttack, CriticalExtensions) {
  for (const std::string_view member :
       {R"("crit":["exp"],"exp":1)", R"("crit":["http://example.com/x"],"http://example.com/x":true)", R"("crit":[])",
        R"("crit":null)", R"("crit":["b64"],"b64":false)", R"("b64":false)", R"("zip":"DEF")", R"("enc":"A128GCM")"}) {
    refused("RFC 7515, 4.1.11; RFC 7797; CVE-2024-33664: " + std::string(member),
            with_header(fmt::format(R"({{"alg":"EdDSA","kid":"k1",{}}})", member)));
  }
}

TEST_F(TokenAttack, TokensOfAnotherKind) {
  for (const std::string_view type : {"\"at+jwt\"", "\"secevent+jwt\"", "\"JOSE\"", "\"JWE\"", "\"\"", "7", "null"}) {
    refused("RFC 8725, 2.8 and 3.11: " + std::string(type),
            with_header(fmt::format(R"({{"alg":"EdDSA","typ":{},"kid":"k1"}})", type)));
  }
  EXPECT_EQ(ask(with_header(R"({"alg":"EdDSA","kid":"k1"})")), "admitted");  // "typ" may be left out (RFC 7519, 5.1)
}

TEST_F(TokenAttack, WrongSignatures) {
  const std::string good = with_header(kHeader);
  const auto last_dot = good.rfind('.');
  const std::string part = good.substr(0, last_dot);
  const std::string signature = *decode_base64url(good.substr(last_dot + 1));
  refused("somebody else's key", signed_token(attacker, kHeader, claims()));
  refused("somebody else's key of the other kind", signed_token(attacker_ec, kEcHeader, claims()));
  refused("CVE-2020-28042: none at all", part + ".");
  refused("that of another token", part + signed_token(key, kHeader, claims(R"(,"x":1)"))
                                              .substr(signed_token(key, kHeader, claims(R"(,"x":1)")).rfind('.')));
  refused("cut short", part + "." + encode_base64url(signature.substr(0, 63)));
  refused("made longer", part + "." + encode_base64url(signature + '\0'));
  refused("claims changed",
          encode_base64url(kHeader) + "." + encode_base64url(claims(R"(,"x":1)")) + good.substr(last_dot));
  refused("header changed", encode_base64url(R"({"alg":"EdDSA","kid":"k1"})") + good.substr(good.find('.')));

  const std::string ec_part = encode_base64url(kEcHeader) + "." + encode_base64url(claims());
  refused("CVE-2022-21449: R and S zero", ec_part + "." + encode_base64url(std::string(64, '\0')));
  // The order of P-256 (FIPS 186-4, D.1.2.3).
  const std::string order = "\xff\xff\xff\xff" + std::string(4, '\0') + std::string(8, '\xff') +
                            "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
  refused("CVE-2022-21449: R and S the order", ec_part + "." + encode_base64url(order + order));
  refused("CVE-2022-21449: R one, S the order",
          ec_part + "." + encode_base64url(std::string(31, '\0') + "\x01" + order));
  refused("R and S as large as can be", ec_part + "." + encode_base64url(std::string(64, '\xff')));
}

TEST_F(TokenAttack, SignaturesThatSomebodyElseMadeOutOfARightOne) {
  // RFC 8032, 5.1.7: S must be below the group's order L = 2^252 + 27742317777372353535851937790883648493.
  const std::string good = with_header(kHeader);
  std::string signature = *decode_base64url(good.substr(good.rfind('.') + 1));
  const std::string order =
      "\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14" + std::string(15, '\0') + "\x10";
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry +=
        static_cast<unsigned char>(signature[32 + i]) + static_cast<unsigned>(static_cast<unsigned char>(order[i]));
    signature[32 + i] = static_cast<char>(carry & 0xffU);
    carry >>= 8U;
  }
  refused("RFC 8032, 5.1.7: S + L", good.substr(0, good.rfind('.') + 1) + encode_base64url(signature));
}

TEST_F(TokenAttack, SignaturesInAnotherForm) {
  // ASN.1 DER, as OpenSSL and hardware give ECDSA signatures; JWS has R and S alone (RFC 7518, 3.4).
  const std::string good = signed_token(second, kEcHeader, claims());
  const std::string plain = *decode_base64url(good.substr(good.rfind('.') + 1));
  const auto number = [](std::string_view bytes) {
    return (bytes[0] & '\x80') != 0 ? std::string("\x02\x21\x00", 3) + std::string(bytes)
                                    : "\x02\x20" + std::string(bytes);
  };
  const std::string numbers = number(plain.substr(0, 32)) + number(plain.substr(32));
  const std::string der = '\x30' + std::string(1, static_cast<char>(numbers.size())) + numbers;
  refused("RFC 7518, 3.4: DER", good.substr(0, good.rfind('.') + 1) + encode_base64url(der));
}

TEST_F(TokenAttack, Audiences) {
  for (const std::string_view aud :
       {R"("somebody-else")", R"("temperature-service.attacker.example")", R"("Temperature-Service")",
        R"("temperature-service ")", R"("")", "7", "null", "true", "{}", "[]", R"(["a","b"])",
        R"(["temperature-service",7])", R"([["temperature-service"]])"}) {
    refused("RFC 8725, 3.9; RFC 7519, 4.1.3: " + std::string(aud),
            with_claims(fmt::format(R"({{"sub":"s1","aud":{},"iat":{},"exp":{}}})", aud, now_s(), now_s() + 60)));
  }
  refused("no audience", with_claims(fmt::format(R"({{"sub":"s1","iat":{},"exp":{}}})", now_s(), now_s() + 60)));
  EXPECT_EQ(ask(with_claims(fmt::format(R"({{"sub":"s1","aud":["x","temperature-service"],"iat":{},"exp":{}}})",
                                        now_s(), now_s() + 60))),
            "admitted");
}

TEST_F(TokenAttack, Subjects) {
  const auto subject = [this](std::string_view sub) {
    return fmt::format(R"({{"sub":{},"aud":"temperature-service","iat":{},"exp":{}}})", sub, now_s(), now_s() + 60);
  };
  refused("another sensor's name", signed_token(others, kHeader, subject(R"("s1")")));
  refused("one that is not registered", with_claims(subject(R"("s3")")));
  for (const std::string_view sub :
       {"7", "null", "\"\"", R"(["s1"])", R"("s1\u0000")", R"("s1\n")", R"("S1")", R"(" s1")"}) {
    refused("RFC 8725, 3.8: " + std::string(sub), with_claims(subject(sub)));
  }
  refused("a long one", with_claims(subject("\"" + std::string(limits::kNameBytesMax + 1, 's') + "\"")));
  refused("no subject",
          with_claims(fmt::format(R"({{"aud":"temperature-service","iat":{},"exp":{}}})", now_s(), now_s() + 60)));
}

TEST_F(TokenAttack, ClockEdges) {
  const std::int64_t skew = limits::kTokenClockSkew.count();
  const std::int64_t day = 24 * 3'600;
  const auto at = [this](std::int64_t iat, std::int64_t exp) {
    return ask(with_claims(times(std::to_string(now_s() + iat), std::to_string(now_s() + exp))));
  };
  EXPECT_EQ(at(-3'600, -skew), "credential_expired");
  EXPECT_EQ(at(-3'600, -skew + 1), "admitted");
  EXPECT_EQ(at(-7 * day, -6 * day), "credential_expired");
  EXPECT_EQ(at(skew, 3'600), "admitted");
  EXPECT_EQ(at(skew + 1, 3'600), "credential_invalid");
  EXPECT_EQ(at(0, day), "admitted");
  EXPECT_EQ(at(0, day + 1), "credential_invalid");  // a lifetime that was stretched,
  EXPECT_EQ(at(-1, day), "credential_invalid");
  EXPECT_EQ(at(skew + day, skew + 2 * day), "credential_invalid");  // or moved
  EXPECT_EQ(at(0, 0), "credential_invalid");
  EXPECT_EQ(at(10, 5), "credential_invalid");
  EXPECT_EQ(ask(with_claims(claims(fmt::format(R"(,"nbf":{})", now_s() + skew)))), "admitted");
  EXPECT_EQ(ask(with_claims(claims(fmt::format(R"(,"nbf":{})", now_s() + skew + 1)))), "credential_invalid");
  EXPECT_EQ(ask(with_claims(times(fmt::format("{}.25", now_s()), fmt::format("{}.75", now_s() + 60)))), "admitted");
}

TEST_F(TokenAttack, TimesOfAnotherType) {
  const std::string now = std::to_string(now_s());
  for (const std::string_view wrong :
       {"\"9999999999\"", "null", "true", "[]", "-1", "1e300", "1e12", "99999999999999999999", "{}"}) {
    refused("RFC 7519, 2, NumericDate: exp " + std::string(wrong), with_claims(times(now, wrong)));
    refused("iat " + std::string(wrong), with_claims(times(wrong, std::to_string(now_s() + 60))));
    refused("nbf " + std::string(wrong), with_claims(claims(fmt::format(R"(,"nbf":{})", wrong))));
  }
  refused("no exp", with_claims(fmt::format(R"({{"sub":"s1","aud":"temperature-service","iat":{}}})", now)));
  refused("no iat", with_claims(fmt::format(R"({{"sub":"s1","aud":"temperature-service","exp":{}}})", now_s() + 60)));
  refused("milliseconds", with_claims(times(std::to_string(clock.ms), std::to_string(clock.ms + 60'000))));
}

TEST_F(TokenAttack, MembersThatStandTwice) {
  refused("RFC 7519, 4: sub", with_claims(claims(R"(,"sub":"s2")")));
  refused("with an escape", with_claims(claims(R"(,"\u0073ub":"s1")")));
  refused("exp", with_claims(claims(fmt::format(R"(,"exp":{})", now_s() + 60))));
  refused("one that nobody reads", with_claims(claims(R"(,"x":1,"x":1)")));
  refused("RFC 7515, 4: alg", with_header(R"({"alg":"none","alg":"EdDSA","kid":"k1"})"));
  refused("the other order", with_header(R"({"alg":"EdDSA","alg":"none","kid":"k1"})"));
  refused("kid", with_header(R"({"alg":"EdDSA","kid":"k1","kid":"k1"})"));
}

TEST_F(TokenAttack, MalformedBase64) {
  const std::string good = with_header(kHeader);
  const auto first = good.find('.');
  const auto second_dot = good.rfind('.');
  const std::string header = good.substr(0, first);
  const std::string payload = good.substr(first + 1, second_dot - first - 1);
  const std::string signature = good.substr(second_dot + 1);
  const auto joined = [](const std::string& a, const std::string& b, const std::string& c) {
    return a + "." + b + "." + c;
  };
  refused("RFC 7515, 2: padding", joined(header + "=", payload, signature));
  refused("padding", joined(header, payload, signature + "=="));
  refused("white space", joined(header, payload.substr(0, 8) + " " + payload.substr(8), signature));
  refused("a line's end", joined(header, payload, signature.substr(0, 40) + "\n" + signature.substr(40)));
  refused("the usual alphabet", joined(header, payload, "+/" + signature.substr(2)));
  refused("a length that none has", joined(header, payload + "A", signature));
  refused("another letter", joined(header, payload, "\xc3\xa4" + signature.substr(2)));
  refused("a NUL", joined(header, payload, signature + std::string(1, '\0')));
  // 86 characters hold 64 bytes and four bits more, which must be zero: else one token has several texts.
  std::string last = signature;
  last.back() = static_cast<char>(last.back() + 1);
  refused("RFC 4648, 3.5: bits behind the end", joined(header, payload, last));
}

TEST_F(TokenAttack, MalformedJson) {
  for (const std::string& wrong : std::initializer_list<std::string>{
           "", "{", "[]", "\"s1\"", "null", "7", claims() + "x", claims() + claims(), "\xef\xbb\xbf" + claims(),
           "{'sub':'s1'}", "{\"sub\":\"s1\",}", "/**/" + claims(), claims("\xff"), claims(",\"x\":\"\xff\""),
           claims(",\"x\":\"\x01\""), claims(",\"x\":01"), claims(",\"x\":NaN"), std::string(4'000, '['),
           claims(",\"x\":" + std::string(16, '[') + std::string(16, ']'))}) {
    refused("RFC 8259: " + wrong.substr(0, 40), with_claims(wrong));
    refused("RFC 8259, in the header: " + wrong.substr(0, 40), with_header(wrong));
  }
}

TEST_F(TokenAttack, MalformedParts) {
  const std::string good = with_header(kHeader);
  const std::string part = good.substr(0, good.rfind('.'));
  for (const std::string& wrong :
       {std::string("."), std::string(".."), std::string("..."), part, part + "..", good + ".", "." + good,
        good + "." + good, good + ".AAAA.AAAA", ".." + good.substr(good.rfind('.') + 1)}) {
    refused("RFC 7515, 7.1; RFC 7516, 7.1", wrong);
  }
  refused("RFC 7515, 7.2: JSON serialization",
          R"({"protected":"e30","payload":"e30","signatures":[{"signature":"AAAA"}]})");
}

TEST_F(TokenAttack, Oversized) {
  const auto padded = [this](std::size_t count) {
    return with_claims(claims(",\"x\":\"" + std::string(count, 'x') + "\""));
  };
  EXPECT_EQ(ask(padded(2'000)), "admitted");
  refused("a large token", padded(4'000));
  refused("a very large token", padded(1'000'000));
}

}  // namespace
}  // namespace temperature::access
