#include "http/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/sizes.h"
#include "http/inflate.h"
#include "http/limit_headers.h"
#include "http/origin_rules.h"
#include "http/query.h"

// What stands between a request's head and its door: the gate, its limits, the bounds on bodies.
namespace temperature::http {
namespace {

constexpr std::size_t kReserveBytes = 64 * limits::kKiB;  // bodies up to this size are not counted

Error nothing_at(const Request& request) {
  const bool escaped = request.encoded_slash != std::string_view::npos;
  return {ErrorCode::not_found, fmt::format("there is nothing at {}{}", request.path,
                                            escaped ? " (a slash that is sent as %2F is a part of a name)" : "")};
}

}  // namespace

// Looks at the head alone, so that nobody sends a large body in vain.
bool Session::admit() {
  refused_.reset();
  if (auto may = may_enter(); !may) refused_ = std::move(may.error());
  const bool large = parser_.chunked() || parser_.content_length() > kReserveBytes;
  if (!refused_ && large && entry_ != nullptr && entry_->route.need == access::Need::write) {
    if (auto may = charge(0); !may) refused_ = std::move(may.error());
  }
  const bool endless = entry_ != nullptr && entry_->route.body == Body::must_be && !parser_.says_body_end();
  if (!refused_ && endless) {
    refused_ = Error{ErrorCode::length_required,
                     "a request to this address needs a body, and Content-Length or Transfer-Encoding: chunked to say "
                     "where it ends"};
  }
  // What follows is perhaps the body: it must not be taken for a request.
  if (refused_ && (large || endless || parser_.expects_continue())) {
    refuse(*refused_);
    return false;
  }
  if (!refused_ && parser_.content_length() > shared_.options.bodies_bytes_max) {
    refuse(too_large());
    return false;
  }
  if (!reserve(parser_.content_length())) {
    refuse({ErrorCode::overloaded, "too many large bodies are on their way"});
    return false;
  }
  if (parser_.expects_continue() && unread().empty()) write_continue();
  return true;
}

Error Session::too_large() const {
  return {ErrorCode::body_too_large, fmt::format("a body may have {} bytes, with the memory that this service has",
                                                 shared_.options.bodies_bytes_max)};
}

Result<void> Session::may_enter() {
  if (auto found = find_client(); !found) return found;
  const bool options = request.method == Method::options;
  const auto [entry, allow] = options ? Router::Found() : shared_.router.find(request);
  entry_ = entry;
  const Route* route = entry == nullptr ? nullptr : &entry->route;
  if (auto own = check_origin(request, shared_.options.origins, route, encrypted()); !own) return own;
  if (options) return {};
  if (entry == nullptr) {
    if (allow.empty()) return std::unexpected(nothing_at(request));
    response.headers.emplace_back("Allow", allow);
    return failure(ErrorCode::method_not_allowed, fmt::format("{} takes {}", request.path, allow));
  }
  if (!entry->route.path.ends_with('}')) request.path = entry->route.path;  // without the slashes that were passed over
  if (auto admitted = ask_gate(entry->route.need); !admitted) return admitted;
  request.sender = request.principal->name;
  return {};
}

Result<void> Session::ask_gate(access::Need need) {
  const std::string password = request.authorization.empty() ? password_in(request.path, request.query) : std::string();
  auto admitted = shared_.gate.admit({request.authorization, password, request.remote_address}, need, visit_);
  if (!admitted) {
    limited_ = admitted.error().limited;
    return std::unexpected(std::move(admitted.error().error));
  }
  request.principal = *admitted;
  return {};
}

Result<void> Session::charge(std::size_t readings) {
  CHECK(request.principal != nullptr);
  limited_ = shared_.gate.charge(*request.principal, readings);
  if (limited_) return std::unexpected(limit_error(*limited_));
  return {};
}

// Raises this request's share of the memory for bodies to `bytes`; 0 gives it back.
bool Session::reserve(std::size_t bytes) {
  if (bytes == 0) {
    if (reserved_ > 0) shared_.body_bytes.fetch_sub(reserved_, std::memory_order_relaxed);
    reserved_ = 0;
    return true;
  }
  if (bytes <= kReserveBytes || bytes <= reserved_) return true;
  const std::size_t more = std::max(bytes - reserved_, kReserveBytes);
  if (shared_.body_bytes.fetch_add(more, std::memory_order_relaxed) + more > shared_.options.bodies_bytes_max) {
    shared_.body_bytes.fetch_sub(more, std::memory_order_relaxed);
    return false;
  }
  reserved_ += more;
  return true;
}

Result<void> Session::decode_body() {
  std::string& encoding = request.content_encoding;
  if (encoding.empty()) return {};
  const auto gzip = is_gzip(encoding);
  if (!gzip) return std::unexpected(gzip.error());
  encoding.clear();
  if (!*gzip) return {};
  std::string inflated;
  const std::size_t most = std::min(limits::kBodyInflatedBytesMax, shared_.options.bodies_bytes_max);
  if (auto done = inflate_gzip(request.body, most, inflated); !done) return done;
  if (!reserve(inflated.size())) return failure(ErrorCode::overloaded, "too many large bodies are on their way");
  request.body = std::move(inflated);
  return {};
}

}  // namespace temperature::http
