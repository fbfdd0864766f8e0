#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/sizes.h"
#include "http/chunked_body.h"
#include "http/framing.h"
#include "http/message.h"

namespace temperature::limits {

// Bytes of a request's line and headers; a request with more is refused (headers_too_large).
inline constexpr std::size_t kHeaderBytesMax = 16 * kKiB;

}  // namespace temperature::limits

namespace temperature::http {

// Reads requests (RFC 9112) from the bytes of a connection into one reused Request. Bounded by
// limits::kHeaderBytesMax and limits::kBodyBytesMax. Not thread-safe.
class RequestParser {
 public:
  explicit RequestParser(Request& request);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  enum class Stage : std::uint8_t { head, body, done };

  // Makes ready for the next request. The request's fields are emptied.
  void start();

  // Takes from the front of `bytes` what belongs to the request and can be used; empty lines before it too, as RFC
  // 9112, section 2.2, wants it: some senders end a body with a line end that they did not count. Pauses once, with
  // stage body, behind the head of a request that has a body. Errors: malformed_request, headers_too_large,
  // body_too_large, unsupported_transfer_coding; the connection cannot be used for another request then.
  Result<Stage> parse(std::string_view& bytes);

  // Where more of the body may be read to directly, at least one byte unless the body is chunked
  // (then: empty, and its bytes go through parse()); received() tells how many were.
  std::span<char> body_space();
  Stage received(std::size_t bytes);

  // From stage body on.
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool http_1_1() const;  // else HTTP/1.0
  [[nodiscard]] bool expects_continue() const;
  [[nodiscard]] bool chunked() const { return framing_.end == Framing::End::chunked; }
  [[nodiscard]] std::uint64_t content_length() const { return framing_.length; }  // 0 when chunked
  // Whether the head says where the body ends. A request that does not has none (RFC 9112, section 6.3).
  [[nodiscard]] bool says_body_end() const { return framing_.end != Framing::End::unsaid; }

  // Whether anything of the request has arrived; empty lines before it are nothing.
  [[nodiscard]] bool begun() const;

 private:
  class Message;

  void skip_empty_lines(std::string_view& bytes);
  Result<void> read_head(std::string_view& bytes);
  Result<void> check_head();
  Result<Stage> read_body(std::string_view& bytes);

  Request& request_;
  std::unique_ptr<Message> message_;
  Stage stage_ = Stage::head;
  Framing framing_;
  ChunkedBody chunks_;
  std::uint64_t received_ = 0;
  std::size_t empty_lines_ = 0;
};

// Splits a request target (origin-form, absolute-form or "*") into the request's path, encoded_slash and query.
// False when it is malformed.
bool split_target(std::string_view target, Request& request);

// The host, and perhaps the port, of a request target in absolute-form; nullopt: it is of another form.
std::optional<std::string_view> host_in_target(std::string_view target);

}  // namespace temperature::http
