#include "http/request_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>

#include "base/sizes.h"
#include "http/authority.h"
#include "http/field_list.h"
#include "http/percent.h"

namespace temperature::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;

constexpr std::size_t kBodyFirstBytes = 64 * limits::kKiB;  // memory follows what arrives, not what is announced

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
    case beast::http::field::origin:
      return &request.origin;
    case beast::http::field::sec_fetch_site:
      return &request.fetch_site;
    case beast::http::field::sec_fetch_mode:
      return &request.fetch_mode;
    case beast::http::field::sec_fetch_dest:
      return &request.fetch_destination;
    case beast::http::field::forwarded:
      return &request.forwarded;
    default:
      return nullptr;
  }
}

// Those among them that have no number at Beast.
std::string* field_without_number(std::string_view name, Request& request) {
  constexpr std::string_view kTrace = "traceparent";
  constexpr std::string_view kFor = "X-Forwarded-For";
  constexpr std::string_view kProto = "X-Forwarded-Proto";
  if (name.size() == kTrace.size()) return equal_without_case(name, kTrace) ? &request.traceparent : nullptr;
  if (name.size() != kFor.size() && name.size() != kProto.size()) return nullptr;
  if (equal_without_case(name, kFor)) return &request.forwarded_for;
  return equal_without_case(name, kProto) ? &request.forwarded_proto : nullptr;
}

// Several fields of a list are one list (RFC 9110, section 5.3).
bool is_list(beast::http::field name) {
  return name == beast::http::field::accept || name == beast::http::field::accept_encoding ||
         name == beast::http::field::content_encoding || name == beast::http::field::forwarded ||
         // X-Forwarded-For, X-Forwarded-Proto; and two of traceparent are none, but no fault: a trace begins anew then.
         name == beast::http::field::unknown;
}

Error error_of(const error_code& code) {
  if (code == beast::http::error::header_limit) {
    return {ErrorCode::headers_too_large,
            fmt::format("the request line and headers may have {} bytes", limits::kHeaderBytesMax)};
  }
  return {ErrorCode::malformed_request, fmt::format("the request cannot be read: {}", code.message())};
}

// A line that goes on in the next one (obs-fold) is read in two ways by those who read it at all: RFC 9112,
// section 5.2, lets a server refuse it. `lines` are whole.
bool has_folded_line(std::string_view lines) {
  for (std::size_t end = lines.find('\n'); end != std::string_view::npos; end = lines.find('\n', end + 1)) {
    if (end + 1 < lines.size() && (lines[end + 1] == ' ' || lines[end + 1] == '\t')) return true;
  }
  return false;
}

// The place in the decoded path of the first slash that is encoded in `path`; npos: there is none.
std::size_t encoded_slash_in(std::string_view path) {
  std::size_t escapes = 0;
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    const std::string_view digits = path.substr(at + 1, 2);
    if (digits == "2F" || digits == "2f") return at - 2 * escapes;
    ++escapes;
  }
  return std::string_view::npos;
}

}  // namespace

// Beast reads the syntax of a head; this keeps what the program needs of it. Where the body ends is not left to Beast,
// which passes over transfer codings that it does not know.
class RequestParser::Message final : public beast::http::basic_parser<true> {
 public:
  explicit Message(Request& request) : request_(&request) {
    header_limit(static_cast<std::uint32_t>(limits::kHeaderBytesMax));
    body_limit(boost::none);
  }
  bool expects_continue = false;
  bool has_host = false;
  std::optional<std::string> target_host;  // of a target in absolute form
  FramingFields framing;

 private:
  void on_request_impl(beast::http::verb verb, beast::string_view, beast::string_view target, int version,
                       error_code& error) override {
    framing.http_1_1 = version >= 11;
    request_->method = method_of(verb);
    const std::string_view whole(target.data(), target.size());
    if (!split_target(whole, *request_)) error = beast::http::error::bad_target;
    target_host = host_in_target(whole);
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field name, beast::string_view text, beast::string_view value,
                     error_code& error) override {
    if (name == beast::http::field::expect) {
      expects_continue = framing.http_1_1 && beast::iequals(value, "100-continue");  // RFC 9110, section 10.1.1
    }
    if (name == beast::http::field::content_length) {
      ++framing.lengths;
      framing.content_length.assign(value.data(), value.size());
    }
    if (name == beast::http::field::transfer_encoding) {
      ++framing.transfer_encodings;
      framing.transfer_encoding.assign(value.data(), value.size());
    }
    if (name == beast::http::field::host) {
      if (has_host) error = beast::http::error::bad_field;
      has_host = true;
    }
    std::string* const known = name == beast::http::field::unknown
                                   ? field_without_number({text.data(), text.size()}, *request_)
                                   : known_field(name, *request_);
    if (known != nullptr) {
      if (!known->empty() && !is_list(name)) {
        error = beast::http::error::bad_field;  // two values where there is one: which one is meant?
      }
      if (!known->empty()) known->append(", ");
      known->append(value.data(), value.size());
    }
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code&) override { return 0; }
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
  framing_ = {};
  chunks_.start();
  received_ = 0;
  empty_lines_ = 0;
  for (std::string* field :
       {&request_.path, &request_.query, &request_.content_type, &request_.content_encoding, &request_.accept,
        &request_.accept_encoding, &request_.if_none_match, &request_.authorization, &request_.host, &request_.origin,
        &request_.fetch_site, &request_.fetch_mode, &request_.fetch_destination, &request_.forwarded,
        &request_.forwarded_for, &request_.forwarded_proto, &request_.traceparent, &request_.sender, &request_.body}) {
    field->clear();
  }
  request_.trace = {};
}

Result<RequestParser::Stage> RequestParser::parse(std::string_view& bytes) {
  if (stage_ == Stage::head) {
    if (auto read = read_head(bytes); !read) return std::unexpected(std::move(read.error()));
    return stage_;  // the caller looks at the head before the body is read
  }
  if (stage_ == Stage::body) return read_body(bytes);
  return stage_;
}

void RequestParser::skip_empty_lines(std::string_view& bytes) {
  for (; empty_lines_ < limits::kEmptyLinesMax; ++empty_lines_) {
    if (bytes.starts_with("\r\n")) {
      bytes.remove_prefix(2);
    } else if (bytes.starts_with('\n')) {
      bytes.remove_prefix(1);
    } else {
      return;
    }
  }
}

Result<void> RequestParser::read_head(std::string_view& bytes) {
  if (!begun()) {
    skip_empty_lines(bytes);
    if (bytes == "\r" && empty_lines_ < limits::kEmptyLinesMax) return {};  // the rest of the line is on its way
  }
  error_code error;
  while (!bytes.empty() && !message_->is_header_done()) {
    const std::size_t taken = message_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    if (has_folded_line(bytes.substr(0, taken))) {
      return failure(ErrorCode::malformed_request, "a header goes on in the next line, which HTTP no longer has");
    }
    bytes.remove_prefix(taken);
    if (error == beast::http::error::need_more) return {};
    if (error) return std::unexpected(error_of(error));
  }
  if (!message_->is_header_done()) return {};
  return check_head();
}

Result<void> RequestParser::check_head() {
  if (message_->framing.http_1_1 && !message_->has_host) {
    return failure(ErrorCode::malformed_request, "the request has no Host header");
  }
  // RFC 9112, sections 3.2 and 3.2.2: whoever reads another host than a proxy in front answers for another service.
  if (message_->has_host && !read_authority(request_.host)) {
    return failure(ErrorCode::malformed_request, "the Host header names no host, or something besides host and port");
  }
  if (message_->target_host) {
    if (!read_authority(*message_->target_host)) {
      return failure(ErrorCode::malformed_request, "the target of the request names no host");
    }
    request_.host = *message_->target_host;
  }
  auto framing = framing_of(message_->framing);
  if (!framing) return std::unexpected(std::move(framing.error()));
  framing_ = *framing;
  stage_ = chunked() || framing_.length > 0 ? Stage::body : Stage::done;
  return {};
}

Result<RequestParser::Stage> RequestParser::read_body(std::string_view& bytes) {
  if (chunked()) {
    const auto whole = chunks_.take(bytes, request_.body);
    if (!whole) return std::unexpected(whole.error());
    if (*whole) stage_ = Stage::done;
    return stage_;
  }
  request_.body.resize(received_);
  const std::size_t taken = std::min<std::uint64_t>(bytes.size(), framing_.length - received_);
  request_.body.append(bytes.substr(0, taken));
  bytes.remove_prefix(taken);
  received_ += taken;
  if (received_ == framing_.length) stage_ = Stage::done;
  return stage_;
}

std::span<char> RequestParser::body_space() {
  if (chunked() || stage_ != Stage::body) return {};
  std::string& body = request_.body;
  const std::uint64_t size =
      std::min<std::uint64_t>(framing_.length, std::max<std::uint64_t>(2 * received_, kBodyFirstBytes));
  if (body.size() < size) {
    // g++ 12 hands the operation the capacity, not the size that was asked for.
    body.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
  }
  return {body.data() + received_, static_cast<std::size_t>(body.size() - received_)};
}

RequestParser::Stage RequestParser::received(std::size_t bytes) {
  received_ += bytes;
  if (received_ == framing_.length) stage_ = Stage::done;
  if (stage_ == Stage::done) request_.body.resize(received_);
  return stage_;
}

bool RequestParser::keep_alive() const {
  return message_->is_header_done() && message_->keep_alive();
}
bool RequestParser::http_1_1() const {
  return message_->framing.http_1_1;
}
bool RequestParser::expects_continue() const {
  return message_->expects_continue;
}
bool RequestParser::begun() const {
  return message_->got_some();
}

std::optional<std::string_view> host_in_target(std::string_view target) {
  const auto scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos || target.starts_with('/')) return std::nullopt;
  const std::size_t begin = scheme_end + 3;
  return target.substr(begin, target.find_first_of("/?", begin) - begin);
}

bool split_target(std::string_view target, Request& request) {
  request.encoded_slash = std::string_view::npos;
  if (target == "*") {
    request.path = "*";
    request.query.clear();
    return true;
  }
  if (const auto scheme = target.find("://"); scheme != std::string_view::npos && !target.starts_with('/')) {
    const auto slash = target.find_first_of("/?", scheme + 3);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  if (!target.starts_with('/')) return false;
  const auto mark = target.find('?');
  request.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  const std::string_view path = target.substr(0, mark);
  request.encoded_slash = encoded_slash_in(path);
  return percent_decode(path, request.path, Plus::is_plus);
}

}  // namespace temperature::http
