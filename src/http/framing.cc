#include "http/framing.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "http/field_list.h"

namespace temperature::http {
namespace {

constexpr std::string_view kChunked = "chunked";
constexpr std::string_view kIdentity = "identity";  // RFC 9112 has no such transfer coding any more

Result<Framing> framing_of_length(std::string_view text) {
  std::uint64_t length = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, length);  // takes no sign, for it is unsigned
  if (error != std::errc() || stop != end) {
    return failure(ErrorCode::malformed_request, "Content-Length must be one number of bytes, in decimal digits");
  }
  if (length > limits::kBodyBytesMax) {
    return failure(ErrorCode::body_too_large, fmt::format("a body may have {} bytes", limits::kBodyBytesMax));
  }
  return Framing{Framing::End::length, length};
}

Result<Framing> framing_of_coding(std::string_view list) {
  if (equal_without_case(list, kChunked)) return Framing{Framing::End::chunked, 0};
  bool ended = false;
  bool malformed = false;
  for (std::string_view rest = list; rest.data() != nullptr;) {
    const std::string_view coding = take_element(rest);
    const std::string_view name = trim_blanks(coding.substr(0, coding.find(';')));
    const bool chunked = equal_without_case(name, kChunked);
    malformed = malformed || ended || !is_token(name) || equal_without_case(name, kIdentity);
    malformed = malformed || (chunked && name.size() != coding.size());  // it has no parameters (section 7.1)
    ended = chunked;
  }
  if (malformed) {
    return failure(ErrorCode::malformed_request,
                   "Transfer-Encoding cannot be understood: it may be \"chunked\", once and last");
  }
  return failure(ErrorCode::unsupported_transfer_coding,
                 "the only transfer coding that is taken is \"chunked\"; a compressed body has a Content-Encoding");
}

}  // namespace

Result<Framing> framing_of(const FramingFields& fields) {
  if (fields.lengths > 0 && fields.transfer_encodings > 0) {
    return failure(ErrorCode::malformed_request, "a request has Content-Length or Transfer-Encoding, not both");
  }
  if (fields.lengths > 1) return failure(ErrorCode::malformed_request, "Content-Length stands more than once");
  if (fields.lengths == 1) return framing_of_length(fields.content_length);
  if (fields.transfer_encodings == 0) return Framing{};
  if (!fields.http_1_1) return failure(ErrorCode::malformed_request, "HTTP/1.0 has no Transfer-Encoding");
  if (fields.transfer_encodings > 1) {
    return failure(ErrorCode::malformed_request, "Transfer-Encoding stands more than once");
  }
  return framing_of_coding(fields.transfer_encoding);
}

}  // namespace temperature::http
