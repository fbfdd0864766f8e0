#include <boost/asio/ssl/error.hpp>

#include "http/request_trace.h"
#include "http/session.h"

// What a session tells of its requests: to the caller which trace its request belongs to, and to the log.
namespace temperature::http {
namespace {

constexpr int kNotImplemented = 501;  // what the client asks for there is not

}  // namespace

void Session::tell_trace() {
  const ServerOptions& options = shared_.options;
  const bool error = response.status >= kFirstError;
  telling_ = options.access_log && options.request_log->wants(response.status);
  if (!error && !telling_ && request.traceparent.empty() && !request.trace.known()) return;
  http::tell_trace(request, response, error || telling_);
  const bool failure = response.status >= kFirstFailure && response.status != kNotImplemented;
  if (failure && !response.error_code.empty()) tell_failure();
}

AnsweredRequest Session::answered() const {
  return {.request = request,
          .route = entry_ == nullptr ? std::string_view() : entry_->route.path,
          .status = response.status,
          .error_code = response.error_code,
          .error_detail = response.error_detail,
          .received_bytes = received_bytes_,
          .sent_bytes = sent_bytes_,
          .duration = std::chrono::steady_clock::now() - began_};
}

void Session::tell_failure() {
  if (shared_.options.request_log == nullptr) return;
  trace_of(request);
  shared_.options.request_log->failed(answered());
}

void Session::tell_answer(bool whole) {
  if (!telling_) return;
  telling_ = false;
  AnsweredRequest told = answered();
  told.whole = whole;
  shared_.options.request_log->answered(told);
}

// Who only looks whether somebody listens, or goes away, is no failure.
void Session::tell_handshake(const ErrorCodeOfSystem& error) {
  if (shared_.options.request_log == nullptr || error.category() != boost::asio::error::get_ssl_category()) return;
  shared_.options.request_log->handshake_failed(request.remote_address, error.message());
}

}  // namespace temperature::http
