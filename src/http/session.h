#pragma once

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/gate.h"
#include "http/address_count.h"
#include "http/aside.h"
#include "http/compression.h"
#include "http/message.h"
#include "http/request_log.h"
#include "http/request_parser.h"
#include "http/router.h"
#include "http/server.h"
#include "http/stream.h"
#include "http/worker.h"

namespace temperature::http {

// What became of connections that proxies passed on.
struct ProxyFigures {
  std::atomic<std::uint64_t> refused_of_address{0};  // the client that the proxy named had too many
  std::atomic<std::uint64_t> refused_broken{0};
};

// What all sessions share.
struct Shared {
  const ServerOptions& options;
  Router& router;
  access::Gate& gate;
  Aside& aside;
  AddressCount& addresses;
  ProxyFigures& proxies;
  std::atomic<std::size_t> body_bytes{0};    // of all requests in flight; bounded by ServerOptions::bodies_bytes_max
  std::atomic<std::size_t> gzip_streams{0};  // bounded by limits::kGzipStreamsMax
};

// One connection: reads a request, has it handled, writes the answer, and begins again; requests that
// are sent ahead wait in its input. All on its worker's thread but finish() and handle_aside(). Alive while an
// operation of its socket is under way or a door has its request.
class Session final : public Exchange, public std::enable_shared_from_this<Session> {
 public:
  // `ticket`: of none when `peer` is a trusted proxy; its clients are counted.
  Session(Worker& worker, Shared& shared, Socket socket, const Stream::Context& tls,
          const boost::asio::ip::address& peer, AddressCount::Ticket ticket);
  ~Session() override;

  void start();
  void finish() override;
  [[nodiscard]] Result<void> charge(std::size_t readings) override;

  void handle_aside(std::size_t its_thread);  // what aside_work_ says, on a thread of Shared::aside

  // The worker's.
  void answer();  // the response is complete
  void sweep(std::chrono::steady_clock::time_point now);
  void drain();
  void close();
  void abandon();  // lets go of a request that a door still has
  Session* next_completed = nullptr;
  Session* next_aside = nullptr;
  std::size_t list_index = 0;

 private:
  enum class Phase : std::uint8_t { idle, head, body, handling, writing, lingering, closed };
  enum class AsideWork : std::uint8_t { request, words, gzip };
  using ErrorCodeOfSystem = boost::system::error_code;

  void read_proxy_header();
  void take_proxy_header();
  void begin_reading();  // of requests, or of the handshake before them
  void on_handshake(ErrorCodeOfSystem error, std::size_t bytes_taken);
  [[nodiscard]] Result<void> find_client();
  [[nodiscard]] bool encrypted() const { return stream_.encrypted() || proxy_encrypts_; }
  void read();
  void on_read(ErrorCodeOfSystem error, std::size_t bytes, bool into_body);
  void advance();
  void begin_head();
  bool admit();  // false: the session answered already
  [[nodiscard]] Error too_large() const;
  [[nodiscard]] Result<void> may_enter();
  [[nodiscard]] Result<void> ask_gate(access::Need need);
  bool reserve(std::size_t bytes);
  void dispatch();
  [[nodiscard]] bool has_large_body() const;
  void handle();
  void word();
  [[nodiscard]] Result<void> decode_body();
  bool begin_compression();  // false: it goes on aside
  void compress_body();
  void note_compression();
  void compress_piece();
  void end_compression();
  void refuse(const Error& error);  // answers and closes
  void write_refusal(const Error& error);
  void write_continue();
  void ask_piece();
  void write(const std::string& rest);
  void write_piece();
  void on_written(ErrorCodeOfSystem error);
  void note_figures();
  void tell_trace();
  void tell_handshake(const ErrorCodeOfSystem& error);
  void tell_failure();
  void tell_answer(bool whole);
  [[nodiscard]] AnsweredRequest answered() const;
  void next_request();
  void linger();
  void enter(Phase phase, std::chrono::steady_clock::duration timeout);
  [[nodiscard]] std::string_view unread() const { return {input_.data() + input_begin_, input_end_ - input_begin_}; }

  Worker& worker_;
  Shared& shared_;
  Stream stream_;
  boost::asio::ip::address peer_;  // the other end of the connection; with a PROXY header, whom that names
  bool peer_is_proxy_ = false;     // that is trusted
  bool proxy_encrypts_ = false;    // the request reached it over https
  std::optional<AddressCount::Ticket> ticket_;
  RequestParser parser_;
  access::Visit visit_;
  std::optional<access::Limited> limited_;  // by which the request was refused
  Router::Entry* entry_ = nullptr;
  Phase phase_ = Phase::idle;
  std::chrono::steady_clock::time_point deadline_;
  std::chrono::steady_clock::time_point began_;
  std::vector<char> input_;
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;
  std::string output_;
  std::array<boost::asio::const_buffer, 2> buffers_;
  std::size_t reserved_ = 0;
  std::uint64_t received_bytes_ = 0;  // of the body, before it was decoded
  std::uint64_t sent_bytes_ = 0;      // of the answer
  std::optional<Error> refused_;
  std::shared_ptr<Session> held_;  // while a door has the request
  bool handling_inline_ = false;
  bool finished_inline_ = false;
  AsideWork aside_work_ = AsideWork::request;
  std::unique_ptr<GzipWriter> gzip_;  // of the answer, when it is compressed
  bool counts_as_gzip_stream_ = false;
  bool in_pieces_ = false;    // the head was sent, the body is being sent in pieces
  bool until_close_ = false;  // and its end is the connection's: HTTP/1.0 has no chunks (RFC 9112, section 6.1)
  bool telling_ = false;      // the access log has a line of the answer that is being sent
  bool timed_out_ = false;
  bool close_after_ = false;
  bool continuing_ = false;  // "100 Continue" is on its way through TLS
};

}  // namespace temperature::http
