#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "http/message.h"

namespace temperature::http {

// What became of a request. Valid during the call.
struct AnsweredRequest {
  const Request& request;            // its `trace` is known
  std::string_view route = {};       // its path, as Route has it; empty: the request reached none
  int status = 0;                    // of the answer
  std::string_view error_code = {};  // empty: there was no error
  std::string_view error_detail = {};
  std::uint64_t received_bytes = 0;      // of the body, as it was sent
  std::uint64_t sent_bytes = 0;          // head and body, inside TLS
  std::chrono::nanoseconds duration{0};  // since the request was whole
  bool whole = true;                     // false: the client was gone before the answer's end, or it was cut short
};

// Is told of requests and connections, for the log. On the connections' threads, so nothing in it waits or throws.
class RequestLog {
 public:
  virtual ~RequestLog() = default;

  // The service failed with a request that may well be right. Before the answer is sent, or where it is cut short.
  virtual void failed(const AnsweredRequest& answered) = 0;

  // A connection whose client and TLS do not find together. `reason`: OpenSSL's words.
  virtual void handshake_failed(std::string_view remote_address, std::string_view reason) = 0;

  // The access log, when ServerOptions::access_log says that there is one. Whether a line is wanted of a request that
  // gets this status: asked once of each, before its answer is sent; and the line, once that was sent.
  [[nodiscard]] virtual bool wants(int status) = 0;
  virtual void answered(const AnsweredRequest& answered) = 0;
};

}  // namespace temperature::http
