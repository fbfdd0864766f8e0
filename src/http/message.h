#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/gate.h"
#include "access/principal.h"
#include "base/error.h"
#include "base/trace_context.h"

namespace temperature::http {

enum class Method : std::uint8_t { get, head, post, put, delete_, options, other };

// Statuses from which on an answer is an error, and from which on the service is at fault (RFC 9110, section 15).
inline constexpr int kFirstError = 400;
inline constexpr int kFirstFailure = 500;

// A request, whole: bounded, headers and body read, body still as it was sent (perhaps compressed).
// The strings keep their capacity from one request of a connection to the next.
struct Request {
  Method method = Method::get;
  std::string path;  // percent-decoded; once its route is known, as the route has it (see Router)
  // Where in `path` the first slash stands that was sent as %2F, which is a part of a name; npos: nowhere.
  std::size_t encoded_slash = std::string_view::npos;
  std::string query;  // what follows '?', not decoded
  std::string content_type;
  std::string content_encoding;
  std::string accept;
  std::string accept_encoding;
  std::string if_none_match;
  std::string authorization;
  std::string host;               // where the request goes: that of its target when that has one, else of Host
  std::string origin;             // of the web page that had it sent, and what else browsers say about that (see
  std::string fetch_site;         // http/origin_rules.h): Sec-Fetch-Site,
  std::string fetch_mode;         // Sec-Fetch-Mode,
  std::string fetch_destination;  // Sec-Fetch-Dest; empty: no browser sent it, or one that does not say
  std::string forwarded;          // what proxies say of the request that they got (see http/forwarded.h): Forwarded,
  std::string forwarded_for;      // X-Forwarded-For,
  std::string forwarded_proto;    // X-Forwarded-Proto; not to be believed but from a trusted one
  std::string traceparent;        // as it was sent (several with commas between); see http/request_trace.h
  std::string remote_address;     // the client's, as far as trusted proxies know it
  std::string sender;             // the credential's name, set by the server once access was granted
  const access::Principal* principal = nullptr;  // whose it is; valid until the answer is worded
  TraceIds trace;                                // none until they are needed: trace_of()
  std::string body;
};

// What became of the next piece of a body that is sent in pieces.
enum class Piece : std::uint8_t {
  more,    // there is one, and more may follow
  last,    // it is the last one; it may be empty
  broken,  // it cannot be made: the connection is closed, so that nobody takes the body for whole
};

class Exchange;

// What goes back. Content-Length, Date, Connection and the security headers are the server's business.
struct Response {
  int status = 200;
  std::string_view content_type = "application/json";  // static text
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::string body;
  // Of an error: its code (static text), and, where the service failed, why. For those who look after the service.
  std::string_view error_code;
  std::string error_detail;

  // A body in pieces, sent chunked after `body`: makes the next one. It fills exchange.piece and exchange.piece_is and
  // calls exchange.finish(), as a door does: now, or later from another thread. Called on the connection's thread,
  // one piece at a time, as fast as the client takes them.
  std::function<void(Exchange& exchange)> more;

  void clear() {
    status = 200;
    content_type = "application/json";
    headers.clear();
    body.clear();
    error_code = {};
    error_detail.clear();
    more = nullptr;
  }
};

// An answer of which everything is known but its words, for doors that hear of the end on a thread that has other work.
class Wording {
 public:
  virtual ~Wording() = default;
  // Fills exchange.response. Called once, after Exchange::finish(), on the connection's thread or, when it
  // reads_body() and that is large, on one of those for large bodies: never on the thread that called finish(). What
  // it throws for want of memory becomes the answer `overloaded`.
  virtual void word(Exchange& exchange) = 0;
  // Whether it goes through the request's body again. Asked once, after Exchange::finish().
  [[nodiscard]] virtual bool reads_body() const { return false; }
};

// One request and its answer. The session owns it; it lives until finish().
class Exchange {
 public:
  virtual ~Exchange() = default;

  Request request;
  Response response;
  std::unique_ptr<Wording> wording;  // when it is there at finish(), it fills the response
  std::string piece;                 // of a body in pieces: the next one
  Piece piece_is = Piece::more;
  // What a door needed for a body of more bytes than this it gives back, rather than keep it for the next one.
  std::size_t scratch_body_bytes = SIZE_MAX;
  std::size_t thread = 0;  // that calls the door; below ServerOptions::door_threads()

  // The response or what words it, or the next piece, is complete. Once, from any thread, also from within
  // Door::handle(). The exchange must not be touched afterwards.
  virtual void finish() = 0;

  // Takes so many readings from the limits of the request's sender: all, or none. A request costs one at least. Error
  // rate_limited: the door words it; the headers that go with it are the server's business. From within Door::handle().
  [[nodiscard]] virtual Result<void> charge(std::size_t readings) = 0;
};

// Where requests for one address end: thin, the logic lies behind it. Called on several threads.
class Door {
 public:
  virtual ~Door() = default;
  // Fills exchange.response and calls exchange.finish(), now or later. Does not throw.
  virtual void handle(Exchange& exchange) = 0;
};

// Words an error as the clients of an address know it.
using ErrorWriter = void (*)(Response& response, const Error& error);

// Whether requests have a body.
enum class Body : std::uint8_t {
  may_be,   // one that does not say where its body ends has none
  must_be,  // one that does not say where its body ends is refused (length_required): its body would be lost in silence
};

// What a body has to be.
enum class Content : std::uint8_t {
  any,               // the door knows
  json,              // JSON
  json_unless_said,  // JSON, unless Content-Type names another syntax
};

struct Route {
  Method method;          // get also serves head
  std::string_view path;  // one that ends with "{id}" serves what begins so: any text that is not empty may follow
  access::Need need;
  Door* door;                         // outlives the server
  ErrorWriter write_error = nullptr;  // of what goes wrong before the door is asked; nullptr: problem+json
  Body body = Body::may_be;
  Content content = Content::any;
  bool exact = false;  // no slash is passed over (see Router): links in the document at this address are relative
};

}  // namespace temperature::http
