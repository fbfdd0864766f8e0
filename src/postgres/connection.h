#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/failure.h"
#include "postgres/parameters.h"
#include "postgres/rows.h"
#include "postgres/url.h"

struct pg_conn;    // libpq's
struct pg_result;  // libpq's

namespace temperature::postgres {

// A connection to PostgreSQL by libpq, without blocking calls: whoever waits looks ten times a second whether it should
// stop or has waited long enough, so a server that says nothing holds up nobody. (But for the look-up of a host's name,
// which is the system's.) Nothing is kept in the session, no settings, prepared statements or locks, so that a pooler
// may give each transaction another server. One thread at a time, but for interrupt().
class Connection {
 public:
  struct Options {
    std::chrono::milliseconds connect_timeout{10'000};  // for each host that the URL names
    std::chrono::milliseconds answer_timeout{0};        // until the server says or takes something more; 0: for ever
    const std::atomic<bool>* stop = nullptr;            // ends whatever waits when it becomes true; outlives this
    std::function<bool()> stop_asked = {};              // the same, where it is no flag; on this thread
    std::string purpose;                                // application_name is "temperature-service PURPOSE"
  };

  // Tries the URL's hosts one after another, as libpq does it. The failure names host and port.
  static Outcome<std::unique_ptr<Connection>> open(const Url& url, const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One statement. The result is all in memory: its size is the statement's business.
  Outcome<Rows> run(const std::string& sql) { return run(sql, Parameters()); }
  Outcome<Rows> run(const std::string& sql, const Parameters& parameters);
  // Several statements by the simple protocol: one transaction, unless they say otherwise.
  Outcome<void> script(const std::string& sql);

  // COPY ... FROM STDIN: begin, any number of pieces that end anywhere, end, which gives the number of rows. What is
  // wrong with the rows comes out at the end. Waits until each piece is with the operating system.
  Outcome<void> copy_in_begin(const std::string& sql);
  Outcome<void> copy_in(std::string_view bytes);
  Outcome<std::uint64_t> copy_in_end();
  // Gives the COPY up: the server takes none of its rows.
  void copy_in_abort();
  [[nodiscard]] bool copying_in() const { return copying_in_; }

  // COPY ... TO STDOUT (FORMAT binary): hands on row after row (copy_rows.h). When `take` returns false, the rest is
  // not wanted, and the connection is at its end.
  Outcome<void> copy_out(const std::string& sql, const std::function<bool(std::string_view row)>& take);

  [[nodiscard]] bool lost() const;
  // Whether a transaction is open on the server, also one that has failed.
  [[nodiscard]] bool in_transaction() const;
  // 150018 for 15.18.
  [[nodiscard]] int server_version() const;
  // What the server said of itself at the start: "server_version", "TimeZone", "in_hot_standby"; empty when nothing.
  [[nodiscard]] std::string parameter(const std::string& name) const;
  // Whether TLS is used.
  [[nodiscard]] bool encrypted() const;
  // "db.example:5432", of the host that answered.
  [[nodiscard]] std::string server() const;

  // Is told what the server says beside results: one line each. On the thread that uses the connection.
  void on_notice(std::function<void(std::string_view)> take) { notice_ = std::move(take); }

  // Ends what waits now, and everything after. Any thread.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }

 private:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;
  using Result = std::unique_ptr<pg_result, void (*)(pg_result*)>;
  enum class Wait : std::uint8_t { read, write, either };

  Connection(pg_conn* handle, const Options& options);

  Outcome<void> connect();
  Outcome<void> wait(Wait what, Deadline deadline);
  Outcome<void> flush();
  Outcome<Result> next_result();
  Outcome<Rows> last_result();
  Outcome<void> begin_copy(const std::string& sql, int status);
  Outcome<int> next_copy_piece(char** piece);
  [[nodiscard]] Deadline answer_deadline() const;
  [[nodiscard]] std::unexpected<Failure> refused(const pg_result* result);
  [[nodiscard]] std::unexpected<Failure> broken();
  [[nodiscard]] std::unexpected<Failure> gave_up(std::string text, bool stopped);
  static void take_notice(void* self, const pg_result* result);

  pg_conn* handle_;
  const std::chrono::milliseconds connect_timeout_;
  const std::chrono::milliseconds answer_timeout_;
  const std::atomic<bool>* const stop_;
  const std::function<bool()> stop_asked_;
  std::function<void(std::string_view)> notice_;
  std::atomic<bool> interrupted_{false};
  bool copying_in_ = false;
  bool given_up_ = false;
};

}  // namespace temperature::postgres
