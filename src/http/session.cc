#include "http/session.h"

#include <fmt/format.h>
#include <boost/asio/write.hpp>

#include <cstring>

#include "base/check.h"
#include "base/sizes.h"
#include "http/limit_headers.h"
#include "http/problem.h"
#include "http/query.h"
#include "http/request_parser.h"
#include "http/response_head.h"

namespace temperature::http {
namespace {

constexpr std::size_t kInputBytes = 16 * limits::kKiB;
constexpr std::size_t kKeptBytesMax = limits::kMiB;        // of a body's memory, from one request to the next
constexpr std::size_t kJoinedBytesMax = 4 * limits::kKiB;  // a body up to this size is sent in one piece with its head
constexpr std::chrono::seconds kLinger{2};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

void shrink(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptBytesMax) text.shrink_to_fit();
}

}  // namespace

Session::Session(Worker& worker, Shared& shared, Socket socket, const Stream::Context& tls,
                 const boost::asio::ip::address& peer, AddressCount::Ticket ticket)
    : worker_(worker),
      shared_(shared),
      stream_(std::move(socket), tls),
      peer_(peer),
      peer_is_proxy_(shared.options.proxies.contains(peer)),
      ticket_(std::move(ticket)),
      parser_(request),
      input_(kInputBytes) {
  request.remote_address = peer.to_string();
  scratch_body_bytes = shared_.options.scratch_body_bytes;
  worker_.add(*this);
}

Session::~Session() {
  reserve(0);
  end_compression();
  worker_.remove(*this);
}

void Session::start() {
  ErrorCodeOfSystem ignored;
  stream_.socket().set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  enter(Phase::idle, shared_.options.header_timeout);
  if (peer_is_proxy_) return read_proxy_header();
  begin_reading();
}

void Session::enter(Phase phase, std::chrono::steady_clock::duration timeout) {
  phase_ = phase;
  deadline_ = worker_.now() + timeout;
}

void Session::read() {
  if (continuing_) return;  // goes on when that is written
  const std::span<char> body = phase_ == Phase::body && unread().empty() ? parser_.body_space() : std::span<char>();
  const bool into_body = !body.empty();
  if (!into_body && input_begin_ > 0) {
    std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
    input_end_ -= input_begin_;
    input_begin_ = 0;
  }
  const auto space = into_body ? boost::asio::buffer(body.data(), body.size())
                               : boost::asio::buffer(input_.data() + input_end_, input_.size() - input_end_);
  stream_.async_read_some(space, [self = shared_from_this(), into_body](ErrorCodeOfSystem error, std::size_t bytes) {
    self->on_read(error, bytes, into_body);
  });
}

void Session::on_read(ErrorCodeOfSystem error, std::size_t bytes, bool into_body) {
  if (phase_ == Phase::closed) return;
  if (phase_ == Phase::lingering) {
    input_end_ = input_begin_ = 0;
    return error ? close() : read();
  }
  if (timed_out_) {
    if (phase_ == Phase::idle) return close();
    return refuse({ErrorCode::request_timeout, "the request did not arrive in time"});
  }
  if (error) return close();
  if (into_body) {
    parser_.received(bytes);
  } else {
    input_end_ += bytes;
  }
  advance();
}

// Reads as far as the bytes reach; dispatches the request when it is whole.
void Session::advance() {
  while (true) {
    std::string_view rest = unread();
    const auto stage = parser_.parse(rest);
    input_begin_ = input_end_ - rest.size();
    // An empty line begins no request: the connection stays idle, and its time is not cut to that of a head.
    if (phase_ == Phase::idle && (!stage || parser_.begun())) enter(Phase::head, shared_.options.header_timeout);
    if (!stage) return refuse(stage.error());
    if (*stage != RequestParser::Stage::done && unread().size() == input_.size()) {
      // A header, or the line before a chunk, that fills the input without an end.
      return refuse({ErrorCode::headers_too_large,
                     fmt::format("the request line and headers may have {} bytes", limits::kHeaderBytesMax)});
    }
    if (*stage == RequestParser::Stage::head) return read();
    if (phase_ == Phase::head) {
      enter(Phase::body, shared_.options.body_timeout);
      if (!admit()) return;
      if (*stage == RequestParser::Stage::body) continue;
    }
    if (parser_.chunked() && request.body.size() > shared_.options.bodies_bytes_max) return refuse(too_large());
    if (parser_.chunked() && !reserve(request.body.size())) {
      return refuse({ErrorCode::overloaded, "too many large bodies are on their way"});
    }
    if (*stage == RequestParser::Stage::body) return read();
    return dispatch();
  }
}

void Session::dispatch() {
  phase_ = Phase::handling;
  began_ = std::chrono::steady_clock::now();
  received_bytes_ = request.body.size();
  if (refused_) return answer();
  if (request.method == Method::options) {
    const auto [entry, allow] = shared_.router.find(request);
    response.status = allow.empty() && request.path != "*" ? 404 : 204;
    response.headers.emplace_back("Allow", allow.empty() ? shared_.router.allow_all() : allow);
    return answer();
  }
  held_ = shared_from_this();
  if (has_large_body()) return shared_.aside.take(*this);
  thread = worker_.number();
  handling_inline_ = true;
  finished_inline_ = false;
  handle();
  handling_inline_ = false;
  if (finished_inline_) answer();
}

void Session::answer() {
  if (wording) {  // also when the client is gone: what it words may be noted elsewhere
    if (wording->reads_body() && has_large_body()) {
      aside_work_ = AsideWork::words;
      return shared_.aside.take(*this);
    }
    word();
  }
  // Once, and before the body is compressed.
  if (!refused_ && !in_pieces_ && aside_work_ != AsideWork::gzip && phase_ != Phase::closed) tell_trace();
  if (!begin_compression()) return;
  aside_work_ = AsideWork::request;
  const auto held = std::move(held_);
  if (phase_ == Phase::closed) return;
  if (in_pieces_) return piece.empty() && piece_is == Piece::more ? ask_piece() : write_piece();
  if (refused_) {
    write_refusal(*refused_);
    tell_trace();
  }
  note_figures();
  if (limited_) add_limit_headers(response, *limited_);
  if (shares_answers(shared_.options.origins)) {
    add_cors_headers(request, shared_.options.origins, response);
  }
  const bool bodyless = response.status == 204 || response.status == 304;
  const bool pieces = static_cast<bool>(response.more) && !bodyless;
  until_close_ = pieces && !parser_.http_1_1();
  close_after_ = close_after_ || until_close_ || !parser_.keep_alive() || worker_.draining();
  const bool head_only = request.method == Method::head;
  HeadFacts facts;
  facts.keep_alive = !close_after_;
  facts.date = worker_.date();
  facts.encrypted = encrypted();
  facts.chunked = pieces && !until_close_;
  if (!pieces && !bodyless) facts.content_length = response.body.size();
  output_.clear();
  append_head(output_, response, facts);
  if (bodyless || head_only) {
    response.more = nullptr;
    response.body.clear();
  } else if (facts.chunked && !response.body.empty()) {
    fmt::format_to(std::back_inserter(output_), "{:x}\r\n", response.body.size());
    response.body += "\r\n";
  }
  in_pieces_ = static_cast<bool>(response.more);
  if (response.body.size() <= kJoinedBytesMax) {
    output_ += response.body;
    response.body.clear();
  }
  write(response.body);
}

// Sends output_, then `rest`.
void Session::write(const std::string& rest) {
  enter(Phase::writing, shared_.options.write_timeout);
  auto written = [self = shared_from_this()](ErrorCodeOfSystem error, std::size_t bytes) {
    self->sent_bytes_ += bytes;
    self->on_written(error);
  };
  if (rest.empty()) {
    boost::asio::async_write(stream_, boost::asio::buffer(output_), std::move(written));
  } else {
    buffers_ = {boost::asio::buffer(output_), boost::asio::buffer(rest)};
    boost::asio::async_write(stream_, buffers_, std::move(written));
  }
}

// Made as an answer is: here and now, or on another thread, which answer() hears of.
void Session::ask_piece() {
  phase_ = Phase::handling;
  while (true) {
    piece.clear();
    piece_is = Piece::more;
    held_ = shared_from_this();
    handling_inline_ = true;
    finished_inline_ = false;
    response.more(*this);
    handling_inline_ = false;
    if (!finished_inline_) return;
    const auto held = std::move(held_);
    if (!piece.empty() || piece_is != Piece::more) return write_piece();
  }
}

void Session::write_piece() {
  if (!ask_gate(entry_->route.need)) return close();  // revoked, or expired, in the middle of it
  if (piece_is == Piece::broken) {
    tell_failure();
    return close();
  }
  output_.clear();
  const bool chunked = !until_close_;
  if (chunked && !piece.empty()) {
    fmt::format_to(std::back_inserter(output_), "{:x}\r\n", piece.size());
    piece += "\r\n";
  }
  if (chunked && piece_is == Piece::last) piece += "0\r\n\r\n";
  if (piece_is == Piece::last) response.more = nullptr;
  write(piece);
}

void Session::on_written(ErrorCodeOfSystem error) {
  if (phase_ == Phase::closed) return;
  if (error) return close();
  if (response.more) return ask_piece();
  tell_answer(true);
  if (close_after_) return linger();
  next_request();
}

void Session::note_figures() {
  RouteFigures& figures = entry_ != nullptr ? entry_->figures : shared_.router.unrouted;
  const auto status_class = static_cast<std::size_t>(response.status / 100);
  figures.by_class[status_class < figures.by_class.size() ? status_class : 0].fetch_add(1, std::memory_order_relaxed);
  figures.duration_ns.observe(static_cast<std::uint64_t>((std::chrono::steady_clock::now() - began_).count()));
}

void Session::next_request() {
  shrink(request.body);
  shrink(response.body);
  shrink(piece);
  in_pieces_ = false;
  proxy_encrypts_ = false;
  sent_bytes_ = 0;
  reserve(0);
  end_compression();
  response.clear();
  entry_ = nullptr;
  limited_.reset();
  request.principal = nullptr;
  parser_.start();
  enter(Phase::idle, shared_.options.idle_timeout);
  if (unread().empty()) return read();
  advance();
}

void Session::refuse(const Error& error) {
  refused_ = error;
  close_after_ = true;
  began_ = std::chrono::steady_clock::now();
  received_bytes_ = request.body.size();
  answer();
}

// In the words of the address, once it is known.
void Session::write_refusal(const Error& error) {
  auto headers = std::move(response.headers);
  const Router::Entry* entry = phase_ == Phase::idle || phase_ == Phase::head ? nullptr : entry_;
  // The length of a body is read behind the line that has the address.
  if (error.code == ErrorCode::body_too_large) entry = shared_.router.find(request).entry;
  if (entry != nullptr && entry->route.write_error != nullptr) {
    entry->route.write_error(response, error);
  } else {
    write_problem(response, error);
  }
  response.headers.insert(response.headers.end(), headers.begin(), headers.end());
  if (error.code == ErrorCode::unsupported_encoding) response.headers.emplace_back("Accept-Encoding", "gzip, identity");
}

void Session::write_continue() {
  if (stream_.encrypted()) {
    continuing_ = true;
    boost::asio::async_write(stream_, boost::asio::buffer(kContinue),
                             [self = shared_from_this()](ErrorCodeOfSystem error, std::size_t) {
                               self->continuing_ = false;
                               if (self->phase_ == Phase::closed) return;
                               if (error) return self->close();
                               self->read();
                             });
    return;
  }
  // Into an empty send buffer: if it does not fit at once, the client is not reading, and may wait.
  ErrorCodeOfSystem ignored;
  stream_.socket().non_blocking(true, ignored);
  stream_.socket().write_some(boost::asio::buffer(kContinue), ignored);
}

// Closes so that a client which is still sending gets to read the answer (RFC 9112, section 9.6).
void Session::linger() {
  enter(Phase::lingering, kLinger);
  if (stream_.encrypted()) {
    stream_.async_end([self = shared_from_this()](ErrorCodeOfSystem) {
      if (self->phase_ != Phase::closed) self->linger();
    });
    return;
  }
  ErrorCodeOfSystem ignored;
  stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  input_begin_ = input_end_ = 0;
  read();
}

void Session::sweep(std::chrono::steady_clock::time_point now) {
  if (now < deadline_ || phase_ == Phase::handling || phase_ == Phase::closed) return;
  if (phase_ == Phase::writing || phase_ == Phase::lingering) return close();
  timed_out_ = true;
  ErrorCodeOfSystem ignored;
  stream_.socket().cancel(ignored);
}

void Session::drain() {
  if (phase_ == Phase::idle) return close();
  close_after_ = true;
}

void Session::close() {
  if (phase_ == Phase::closed) return;
  tell_answer(false);
  ErrorCodeOfSystem ignored;
  // A body that ends with the connection is whole for a client, unless that is reset.
  if (until_close_ && phase_ != Phase::lingering) {
    stream_.socket().set_option(boost::asio::socket_base::linger(true, 0), ignored);
  }
  phase_ = Phase::closed;
  stream_.socket().close(ignored);
}

void Session::abandon() {
  CHECK(held_);  // every other session has ended with its loop
  const auto held = std::move(held_);
  close();
}

}  // namespace temperature::http
