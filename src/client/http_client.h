#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "client/bounds.h"
#include "client/pause.h"

struct curl_slist;

namespace temperature::client {

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string content_type = {};  // in small letters, without parameters
};

struct HttpTarget {
  std::string url;           // "http://127.0.0.1:8000", a path in front of the service's own may follow
  std::string key;           // sent as Bearer credential; empty: none
  std::string ca_file = {};  // certificates (PEM) to trust instead of the system's; empty: the system's
  std::chrono::seconds timeout = kRequestTimeout;    // of one try
  Duration retry_for = kSilenceMax;                  // how long a request that failed is tried again; 0: not at all
  Duration reach_for = kReachMax;                    // the same until the service answered for the first time
  std::function<void(const std::string&)> say = {};  // told once of each request that waits long, and for what
  bool any_certificate = false;                      // whose it is does not matter: nothing secret is sent or believed
  std::string traceparent = {};  // header: the work that this is a part of (W3C Trace Context); empty: none
  std::string tracestate = {};   // the header that goes with it; empty: none
};

// The wait before the try that follows `failed_attempts` (1 or more) failures: doubled from kBackoffFirst up to
// kBackoffMax, of which `share` (0..1) spreads the second half, so that many clients do not come back together.
Duration backoff(int failed_attempts, double share);

// Sends requests to one service over one connection, which is kept alive. A connection that fails, a
// time-out, 429 and 5xx are tried again after a wait that grows, or that the service named in
// Retry-After, until HttpTarget::retry_for (reach_for where it never answered) or kRetryAfterMax were waited in all.
// http where TLS is spoken, and the other way round, is an error at once that names it. An answer, its headers, and the
// time that it takes have bounds. Repeating is safe: the service counts a reading once. One thread.
class HttpClient {
 public:
  // An error when the URL or the key cannot be used. `pause` outlives the client.
  static Result<std::unique_ptr<HttpClient>> create(HttpTarget target, Pause& pause);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Whatever the service says below 500 other than 429 is an answer; an error names the last failure.
  Result<HttpAnswer> post_json(std::string_view path, const std::string& body);

  // The same with another method: GET, PUT, DELETE. An empty body is none.
  Result<HttpAnswer> request(std::string_view method, std::string_view path, const std::string& body);

  // GET, once, within HttpTarget::timeout: whatever status comes is an answer, 429 and 5xx too.
  Result<HttpAnswer> get_once(std::string_view path);

  // GET, once, the body handed out as it comes when the status is 200 and the answer is of this type: `take` returns
  // false to end it. The answer's body is empty then. An error when the connection failed, perhaps in the middle of the
  // body.
  Result<HttpAnswer> stream(std::string_view path, std::string_view content_type,
                            const std::function<bool(std::string_view)>& take);

  [[nodiscard]] const HttpTarget& target() const { return target_; }

 private:
  struct Attempt {
    HttpAnswer answer;
    std::string failure;  // not empty: try again, or give up
    bool final = false;   // give up
    bool timed_out = false;
    bool garbled = false;     // as if the server spoke the other of http and https
    Duration retry_after{0};  // 0: the service named none
  };

  HttpClient(HttpTarget target, Pause& pause);
  Result<void> set_up();
  Result<HttpAnswer> send(std::string_view path, const std::string& body);
  Attempt attempt(const std::string& body);
  [[nodiscard]] Duration patience(bool named) const;
  bool wait(Duration from, Duration until, const std::string& failure);
  void say_waiting(const std::string& why);
  static int watch(void* client, std::int64_t, std::int64_t, std::int64_t, std::int64_t);
  [[nodiscard]] std::string failure_text(int code) const;

  HttpTarget target_;
  Pause& pause_;
  void* handle_ = nullptr;  // libcurl's
  curl_slist* headers_ = nullptr;
  std::size_t header_bytes_ = 0;     // of the answer under way
  std::array<char, 256> problem_{};  // libcurl writes its messages here
  std::minstd_rand random_;
  bool reached_ = false;                         // it answered once
  bool said_ = false;                            // that the request under way waits
  bool streams_ = false;                         // the answer under way is handed out as it comes
  bool probed_ = false;                          // it was asked on another connection
  bool silent_ = false;                          // and did not answer there either
  std::chrono::steady_clock::time_point begun_;  // the try under way
};

}  // namespace temperature::client
