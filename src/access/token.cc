#include "access/token.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "access/base64url.h"
#include "access/credential.h"
#include "access/registry.h"
#include "base/utf8.h"
#include "model/name_limits.h"

namespace temperature::access {
namespace {

namespace dom = simdjson::dom;

constexpr double kSecondsMax = 1e11;  // the year 5138: what is larger is not in seconds
constexpr std::size_t kAudiencesMax = 16;
constexpr std::size_t kJsonDepthMax = 8;

auto invalid(std::string detail) {
  return failure(ErrorCode::credential_invalid, std::move(detail));
}

Result<dom::object> read_object(dom::parser& parser, std::string_view part, std::string_view what) {
  const auto json = decode_base64url(part);
  if (!json) return invalid(fmt::format("the token's {} is not base64url without padding", what));
  dom::object object;
  if (parser.allocate(json->size() + 1, kJsonDepthMax) != simdjson::SUCCESS ||
      parser.parse(json->data(), json->size()).get(object) != simdjson::SUCCESS) {
    return invalid(fmt::format("the token's {} is not a JSON object", what));
  }
  std::set<std::string_view> names;
  for (const auto& [name, value] : object) {
    if (!names.insert(name).second) return invalid(fmt::format("a member of the token's {} stands twice", what));
  }
  return object;
}

// A member that must be text that can be a name.
Result<std::string> read_name(const dom::object& object, std::string_view member, std::size_t bytes_max) {
  std::string_view text;
  if (object.at_key(member).get(text) != simdjson::SUCCESS || text.empty() || text.size() > bytes_max ||
      has_control_characters(text)) {
    return invalid(fmt::format("the token's \"{}\" must be text of 1 to {} bytes", member, bytes_max));
  }
  return std::string(text);
}

// NumericDate: seconds since 1970, fractions allowed (RFC 7519, section 2).
Result<std::optional<Timestamp>> read_moment(const dom::object& object, std::string_view member) {
  const auto found = object.at_key(member);
  if (found.error() == simdjson::NO_SUCH_FIELD) return std::optional<Timestamp>();
  double seconds = 0;
  if (found.get_double().get(seconds) != simdjson::SUCCESS || !(seconds >= 0) || !(seconds <= kSecondsMax)) {
    return invalid(fmt::format("the token's \"{}\" must be a number of seconds since 1970", member));
  }
  return timestamp_from_ms(static_cast<std::int64_t>(std::floor(seconds * 1e3)));
}

std::optional<Algorithm> algorithm_of(std::string_view name) {
  if (name == "EdDSA" || name == "Ed25519") return Algorithm::eddsa;  // RFC 8037; RFC 9864's name for the same
  if (name == "ES256") return Algorithm::es256;
  return std::nullopt;
}

Result<void> read_header(dom::parser& parser, std::string_view part, Token& token) {
  auto header = read_object(parser, part, "header");
  if (!header) return std::unexpected(std::move(header.error()));
  for (const std::string_view refused : {"crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "zip", "enc"}) {
    if (header->at_key(refused).error() != simdjson::NO_SUCH_FIELD) {
      return invalid(fmt::format("the token's header has \"{}\", which is not taken", refused));
    }
  }
  std::string_view type;
  if (const auto found = header->at_key("typ"); found.error() != simdjson::NO_SUCH_FIELD) {
    if (found.get(type) != simdjson::SUCCESS || (type != "JWT" && type != "jwt")) {
      return invalid("the token's \"typ\" must be JWT");
    }
  }
  std::string_view name;
  const bool named = header->at_key("alg").get(name) == simdjson::SUCCESS;
  const auto algorithm = named ? algorithm_of(name) : std::nullopt;
  if (!algorithm) return invalid("the token's \"alg\" must be EdDSA or ES256");
  token.algorithm = *algorithm;
  auto kid = read_name(*header, "kid", limits::kKidBytesMax);
  if (!kid) return std::unexpected(std::move(kid.error()));
  token.kid = std::move(*kid);
  return {};
}

Result<void> read_audiences(const dom::object& claims, Token& token) {
  const auto found = claims.at_key("aud");
  std::string_view one;
  dom::array several;
  if (found.get(one) == simdjson::SUCCESS) {
    token.audiences.emplace_back(one);
    return {};
  }
  if (found.get(several) != simdjson::SUCCESS || several.size() > kAudiencesMax) {
    return invalid("the token's \"aud\" must be text or a short array of texts");
  }
  for (const dom::element each : several) {
    if (each.get(one) != simdjson::SUCCESS) return invalid("the token's \"aud\" must hold texts");
    token.audiences.emplace_back(one);
  }
  return {};
}

Result<void> read_claims(dom::parser& parser, std::string_view part, Token& token) {
  auto claims = read_object(parser, part, "payload");
  if (!claims) return std::unexpected(std::move(claims.error()));
  auto sensor = read_name(*claims, "sub", limits::kNameBytesMax);
  if (!sensor) return std::unexpected(std::move(sensor.error()));
  token.sensor = std::move(*sensor);
  if (auto read = read_audiences(*claims, token); !read) return read;
  const auto issued = read_moment(*claims, "iat");
  if (!issued) return std::unexpected(issued.error());
  const auto expires = read_moment(*claims, "exp");
  if (!expires) return std::unexpected(expires.error());
  if (!*issued || !*expires) return invalid("the token must have \"iat\" and \"exp\"");
  const auto not_before = read_moment(*claims, "nbf");
  if (!not_before) return std::unexpected(not_before.error());
  token.issued = **issued;
  token.expires = **expires;
  token.not_before = not_before->value_or(kTimestampMin);
  return {};
}

}  // namespace

bool looks_like_token(std::string_view credential) {
  return std::ranges::count(credential, '.') == 2;
}

Result<Token> read_token(std::string_view text) {
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return invalid("a token has three parts with dots between");
  }
  if (text.size() > limits::kAuthorizationBytesMax) {
    return invalid(fmt::format("a token has at most {} bytes", limits::kAuthorizationBytesMax));
  }
  Token token;
  token.signed_part = text.substr(0, second);
  dom::parser parser;
  if (auto read = read_header(parser, text.substr(0, first), token); !read) {
    return std::unexpected(std::move(read.error()));
  }
  if (auto read = read_claims(parser, text.substr(first + 1, second - first - 1), token); !read) {
    return std::unexpected(std::move(read.error()));
  }
  auto signature = decode_base64url(text.substr(second + 1));
  if (!signature) return invalid("the token's signature is not base64url without padding");
  token.signature = std::move(*signature);
  return token;
}

Result<void> check_claims(const Token& token, std::string_view audience, Timestamp now) {
  if (std::ranges::find(token.audiences, audience) == token.audiences.end()) {
    return invalid(fmt::format("the token's \"aud\" is not \"{}\"", audience));
  }
  if (token.expires - token.issued > limits::kTokenLifetimeMax) {
    return invalid(fmt::format("the token lives for longer than {}", format_duration(limits::kTokenLifetimeMax)));
  }
  if (token.expires <= token.issued) return invalid("the token expires before it was issued");
  if (token.issued > now + limits::kTokenClockSkew || token.not_before > now + limits::kTokenClockSkew) {
    return invalid(fmt::format("the token is for later; the server's time is {}", format_timestamp(now)));
  }
  if (token.expires + limits::kTokenClockSkew <= now) {
    return failure(ErrorCode::credential_expired, fmt::format("the token expired at {}; the server's time is {}",
                                                              format_timestamp(token.expires), format_timestamp(now)));
  }
  return {};
}

}  // namespace temperature::access
