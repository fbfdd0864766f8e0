#include "http/chunked_body.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/field_list.h"
#include "http/framing.h"
#include "http/percent.h"

namespace temperature::http {
namespace {

constexpr std::size_t kDigitsMax = 16;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

std::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::malformed_request, fmt::format("the chunks of the body cannot be read: {}", what));
}

}  // namespace

Result<bool> ChunkedBody::take(std::string_view& bytes, std::string& body) {
  while (!bytes.empty() && state_ != State::whole) {
    if (state_ == State::data) {
      take_data(bytes, body);
      continue;
    }
    if (auto done = step(bytes.front(), body.size()); !done) return std::unexpected(std::move(done.error()));
    bytes.remove_prefix(1);
  }
  return state_ == State::whole;
}

void ChunkedBody::take_data(std::string_view& bytes, std::string& body) {
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(size_, bytes.size()));
  body.append(bytes.substr(0, taken));
  bytes.remove_prefix(taken);
  size_ -= taken;
  if (size_ == 0) state_ = State::data_cr;
}

Result<void> ChunkedBody::step(char c, std::size_t body_bytes) {
  switch (state_) {
    case State::size:
    case State::padding:
    case State::extension:
    case State::size_end:
      return step_size_line(c, body_bytes);
    case State::data_cr:
      if (c != '\r') return malformed("a chunk has more bytes than its size says");
      state_ = State::data_end;
      return {};
    case State::data_end:
      if (c != '\n') return malformed("CR without LF behind a chunk");
      state_ = State::size;
      digits_ = 0;
      return {};
    default:
      return step_trailer(c);
  }
}

Result<void> ChunkedBody::step_size_line(char c, std::size_t body_bytes) {
  if (state_ == State::size_end) {
    if (c != '\n') return malformed("CR without LF behind a size");
    state_ = size_ == 0 ? State::trailer : State::data;
    return {};
  }
  if (state_ == State::size) {
    if (const int digit = hex_digit(c); digit >= 0) return add_digit(static_cast<std::uint64_t>(digit), body_bytes);
    if (digits_ == 0) return malformed("a size must be hexadecimal digits");
  }
  if (c == '\r') {
    state_ = State::size_end;
    return {};
  }
  if (++extension_bytes_ > limits::kChunkExtensionBytesMax) {
    return malformed(fmt::format("extensions may have {} bytes", limits::kChunkExtensionBytesMax));
  }
  if (state_ != State::extension && is_blank(c)) {
    state_ = State::padding;
  } else if (state_ != State::extension && c == ';') {
    state_ = State::extension;
  } else if (state_ != State::extension || is_control(c)) {
    return malformed("behind a size come blanks, extensions and CRLF");
  }
  return {};
}

Result<void> ChunkedBody::add_digit(std::uint64_t digit, std::size_t body_bytes) {
  size_ = digits_ == 0 ? digit : size_ * 16 + digit;
  if (size_ > limits::kBodyBytesMax - body_bytes) {
    return failure(ErrorCode::body_too_large, fmt::format("a body may have {} bytes", limits::kBodyBytesMax));
  }
  if (++digits_ > kDigitsMax) return malformed("a size has too many digits");
  return {};
}

// The fields behind the last chunk: their form is looked at, and what they say is not.
Result<void> ChunkedBody::step_trailer(char c) {
  if (++trailer_bytes_ > limits::kTrailerBytesMax) {
    return failure(ErrorCode::headers_too_large,
                   fmt::format("the fields behind a body may have {} bytes", limits::kTrailerBytesMax));
  }
  if (state_ == State::body_end || state_ == State::trailer_end) {
    if (c != '\n') return malformed("CR without LF in the fields behind it");
    state_ = state_ == State::body_end ? State::whole : State::trailer;
  } else if (c == '\r' && state_ != State::trailer_name) {
    state_ = state_ == State::trailer ? State::body_end : State::trailer_end;
  } else if (state_ == State::trailer_value) {
    if (is_control(c)) return malformed("a control character in the fields behind it");
  } else if (c == ':' && state_ == State::trailer_name) {
    state_ = State::trailer_value;
  } else if (is_token({&c, 1})) {
    state_ = State::trailer_name;
  } else {
    return malformed("behind the last one come fields and an empty line");
  }
  return {};
}

}  // namespace temperature::http
