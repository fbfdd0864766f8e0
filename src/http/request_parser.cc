#include "http/request_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>

#include "base/sizes.h"
#include "http/percent.h"

namespace temperature::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;

constexpr std::size_t kBodyFirstBytes = 64 * limits::kKiB;  // memory follows what arrives, not what is announced

// Beast asserts that the last chunk is not cut: it wants "0", CRLF, CRLF at once. Nothing shorter can end a body.
constexpr std::size_t kChunkedBytesMin = 5;

Method method_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Method::get;
    case beast::http::verb::head:
      return Method::head;
    case beast::http::verb::post:
      return Method::post;
    case beast::http::verb::put:
      return Method::put;
    case beast::http::verb::delete_:
      return Method::delete_;
    case beast::http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

// The header fields that the program looks at.
std::string* known_field(beast::http::field name, Request& request) {
  switch (name) {
    case beast::http::field::content_type:
      return &request.content_type;
    case beast::http::field::content_encoding:
      return &request.content_encoding;
    case beast::http::field::accept:
      return &request.accept;
    case beast::http::field::accept_encoding:
      return &request.accept_encoding;
    case beast::http::field::if_none_match:
      return &request.if_none_match;
    case beast::http::field::authorization:
      return &request.authorization;
    case beast::http::field::host:
      return &request.host;
    default:
      return nullptr;
  }
}

Error error_of(const error_code& code) {
  if (code == beast::http::error::header_limit) {
    return {ErrorCode::headers_too_large,
            fmt::format("the request line and headers may have {} bytes", limits::kHeaderBytesMax)};
  }
  if (code == beast::http::error::body_limit) {
    return {ErrorCode::body_too_large, fmt::format("a body may have {} bytes", limits::kBodyBytesMax)};
  }
  return {ErrorCode::malformed_request, fmt::format("the request cannot be read: {}", code.message())};
}

}  // namespace

// Beast reads the syntax; this keeps what the program needs of it.
class RequestParser::Message final : public beast::http::basic_parser<true> {
 public:
  explicit Message(Request& request) : request_(&request) {
    header_limit(static_cast<std::uint32_t>(limits::kHeaderBytesMax));
    body_limit(limits::kBodyBytesMax);
  }
  bool expects_continue = false;
  bool has_host = false;
  bool needs_host = true;

 private:
  void on_request_impl(beast::http::verb verb, beast::string_view, beast::string_view target, int version,
                       error_code& error) override {
    needs_host = version >= 11;
    request_->method = method_of(verb);
    if (!split_target({target.data(), target.size()}, request_->path, request_->query)) {
      error = beast::http::error::bad_target;
    }
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field name, beast::string_view, beast::string_view value,
                     error_code& error) override {
    if (name == beast::http::field::expect) expects_continue = beast::iequals(value, "100-continue");
    if (name == beast::http::field::host) {
      if (has_host) error = beast::http::error::bad_field;
      has_host = true;
    }
    if (std::string* known = known_field(name, *request_)) {
      if (!known->empty() && name != beast::http::field::accept && name != beast::http::field::accept_encoding) {
        error = beast::http::error::bad_field;  // two values where there is one: which one is meant?
      }
      if (!known->empty()) known->append(", ");
      known->append(value.data(), value.size());
    }
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view body, error_code&) override {
    request_->body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, error_code& error) override {
    if (request_->body.size() + body.size() > limits::kBodyBytesMax) {
      error = beast::http::error::body_limit;
      return 0;
    }
    return on_body_impl(body, error);
  }
  void on_finish_impl(error_code&) override {}

  Request* request_;
};

RequestParser::RequestParser(Request& request) : request_(request), message_(std::make_unique<Message>(request)) {
  start();
}
RequestParser::~RequestParser() = default;

void RequestParser::start() {
  *message_ = Message(request_);
  stage_ = Stage::head;
  content_length_ = 0;
  received_ = 0;
  for (std::string* field : {&request_.path, &request_.query, &request_.content_type, &request_.content_encoding,
                             &request_.accept, &request_.accept_encoding, &request_.if_none_match,
                             &request_.authorization, &request_.host, &request_.sender, &request_.body}) {
    field->clear();
  }
}

Result<RequestParser::Stage> RequestParser::parse(std::string_view& bytes) {
  if (stage_ == Stage::head) {
    if (auto read = read_head(bytes); !read) return std::unexpected(std::move(read.error()));
    return stage_;  // the caller looks at the head before the body is read
  }
  if (stage_ == Stage::body) return read_body(bytes);
  return stage_;
}

Result<void> RequestParser::read_head(std::string_view& bytes) {
  error_code error;
  while (!bytes.empty() && !message_->is_header_done()) {
    const std::size_t taken = message_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(taken);
    if (error == beast::http::error::need_more) return {};
    if (error) return std::unexpected(error_of(error));
  }
  if (!message_->is_header_done()) return {};
  return check_head();
}

Result<void> RequestParser::check_head() {
  if (message_->needs_host && !message_->has_host) {
    return failure(ErrorCode::malformed_request, "the request has no Host header");
  }
  if (message_->chunked()) {
    message_->eager(true);
    stage_ = Stage::body;
    return {};
  }
  content_length_ = message_->content_length().value_or(0);
  stage_ = content_length_ == 0 ? Stage::done : Stage::body;
  return {};
}

Result<RequestParser::Stage> RequestParser::read_body(std::string_view& bytes) {
  if (!chunked()) {
    request_.body.resize(received_);
    const std::size_t taken = std::min<std::uint64_t>(bytes.size(), content_length_ - received_);
    request_.body.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    received_ += taken;
    if (received_ == content_length_) stage_ = Stage::done;
    return stage_;
  }
  error_code error;
  while (bytes.size() >= kChunkedBytesMin && !message_->is_done()) {
    const std::size_t taken = message_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(taken);
    if (error == beast::http::error::need_more) return stage_;
    if (error) return std::unexpected(error_of(error));
  }
  if (message_->is_done()) stage_ = Stage::done;
  return stage_;
}

std::span<char> RequestParser::body_space() {
  if (chunked() || stage_ != Stage::body) return {};
  std::string& body = request_.body;
  const std::uint64_t size =
      std::min<std::uint64_t>(content_length_, std::max<std::uint64_t>(2 * received_, kBodyFirstBytes));
  if (body.size() < size) {
    // g++ 12 hands the operation the capacity, not the size that was asked for.
    body.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
  }
  return {body.data() + received_, static_cast<std::size_t>(body.size() - received_)};
}

RequestParser::Stage RequestParser::received(std::size_t bytes) {
  received_ += bytes;
  if (received_ == content_length_) stage_ = Stage::done;
  if (stage_ == Stage::done) request_.body.resize(received_);
  return stage_;
}

bool RequestParser::keep_alive() const {
  return message_->is_header_done() && message_->keep_alive();
}
bool RequestParser::expects_continue() const {
  return message_->expects_continue;
}
bool RequestParser::chunked() const {
  return message_->is_header_done() && message_->chunked();
}
std::uint64_t RequestParser::content_length() const {
  return content_length_;
}
bool RequestParser::begun() const {
  return message_->got_some();
}

bool split_target(std::string_view target, std::string& path, std::string& query) {
  if (target == "*") {
    path = "*";
    query.clear();
    return true;
  }
  if (const auto scheme = target.find("://"); scheme != std::string_view::npos && !target.starts_with('/')) {
    const auto slash = target.find_first_of("/?", scheme + 3);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  if (!target.starts_with('/')) return false;
  const auto mark = target.find('?');
  query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  return percent_decode(target.substr(0, mark), path, Plus::is_plus);
}

}  // namespace temperature::http
