#include "postgres/connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace temperature::postgres {
namespace {

// How often a wait looks whether it should end.
constexpr std::chrono::milliseconds kLookInterval{100};

std::string field_of(const pg_result* result, int field) {
  const char* const text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

std::string text_of(const pg_result* result) {
  std::string text = field_of(result, PG_DIAG_MESSAGE_PRIMARY);
  if (text.empty()) text = PQresultErrorMessage(result);
  for (const char more : {PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT}) {
    const std::string line = field_of(result, static_cast<unsigned char>(more));
    if (!line.empty()) text += "\n" + line;
  }
  return one_line(text);
}

}  // namespace

Connection::Connection(pg_conn* handle, const Options& options)
    : handle_(handle),
      connect_timeout_(options.connect_timeout),
      answer_timeout_(options.answer_timeout),
      stop_(options.stop),
      stop_asked_(options.stop_asked) {
  PQsetNoticeReceiver(handle_, &Connection::take_notice, this);
}

Connection::~Connection() {
  PQfinish(handle_);
}

void Connection::take_notice(void* self, const pg_result* result) {
  const auto& notice = static_cast<Connection*>(self)->notice_;
  if (notice) notice(text_of(result));
}

bool Connection::lost() const {
  return given_up_ || PQstatus(handle_) == CONNECTION_BAD;
}

bool Connection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(handle_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

int Connection::server_version() const {
  return PQserverVersion(handle_);
}

std::string Connection::parameter(const std::string& name) const {
  const char* const value = PQparameterStatus(handle_, name.c_str());
  return value == nullptr ? "" : value;
}

bool Connection::encrypted() const {
  return PQsslInUse(handle_) != 0;
}

std::string Connection::server() const {
  const char* const host = PQhost(handle_);
  const char* const port = PQport(handle_);
  return fmt::format("{}:{}", host == nullptr ? "" : host, port == nullptr ? "" : port);
}

Connection::Deadline Connection::answer_deadline() const {
  if (answer_timeout_.count() == 0) return std::nullopt;
  return std::chrono::steady_clock::now() + answer_timeout_;
}

std::unexpected<Failure> Connection::gave_up(std::string text, bool stopped) {
  given_up_ = true;
  return std::unexpected(Failure{.text = std::move(text), .connection_lost = true, .stopped = stopped});
}

std::unexpected<Failure> Connection::broken() {
  std::string text = one_line(PQerrorMessage(handle_));
  if (text.empty()) text = "the connection is gone";
  given_up_ = true;
  return std::unexpected(Failure{.text = std::move(text), .connection_lost = true});
}

std::unexpected<Failure> Connection::refused(const pg_result* result) {
  Failure failure{.sqlstate = field_of(result, PG_DIAG_SQLSTATE), .text = text_of(result)};
  if (failure.text.empty()) failure.text = one_line(PQerrorMessage(handle_));
  // After these the server closes the connection, whether libpq has seen that yet or not.
  const std::string severity = field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == "FATAL" || severity == "PANIC") given_up_ = true;
  failure.connection_lost = lost();
  return std::unexpected(std::move(failure));
}

Outcome<void> Connection::wait(Wait what, Deadline deadline) {
  for (;;) {
    if (interrupted_.load(std::memory_order_relaxed) || (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) ||
        (stop_asked_ && stop_asked_())) {
      return gave_up("stopped while it waited for the server", true);
    }
    auto slice = kLookInterval;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return gave_up("the server did not answer in time", false);
      slice = std::min(slice, left);
    }
    pollfd polled{.fd = PQsocket(handle_), .events = 0, .revents = 0};
    if (polled.fd < 0) return broken();
    if (what != Wait::write) polled.events |= POLLIN;
    if (what != Wait::read) polled.events |= POLLOUT;
    const int ready = poll(&polled, 1, static_cast<int>(slice.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return broken();
  }
}

// While the server does not take what is sent it may be waiting for us to read what it says.
Outcome<void> Connection::flush() {
  for (;;) {
    const int left = PQflush(handle_);
    if (left == 0) return {};
    if (left < 0) return broken();
    if (auto waited = wait(Wait::either, answer_deadline()); !waited) return waited;
    if (PQconsumeInput(handle_) == 0) return broken();
  }
}

Outcome<Connection::Result> Connection::next_result() {
  while (PQisBusy(handle_) != 0) {
    if (auto waited = wait(Wait::read, answer_deadline()); !waited) return std::unexpected(waited.error());
    if (PQconsumeInput(handle_) == 0) return broken();
  }
  return Result(PQgetResult(handle_), &PQclear);
}

// Takes results until there are none; the first that says no is the outcome.
Outcome<Rows> Connection::last_result() {
  Outcome<Rows> outcome = Rows();
  for (;;) {
    auto result = next_result();
    if (!result) return std::unexpected(std::move(result).error());
    if (!*result) break;
    const ExecStatusType status = PQresultStatus(result->get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      return gave_up("a statement began to copy where none may", false);
    }
    if (!outcome) continue;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
      outcome = Rows(result->release());
    } else {
      outcome = refused(result->get());
    }
  }
  if (outcome && lost()) return broken();
  return outcome;
}

Outcome<Rows> Connection::run(const std::string& sql, const Parameters& parameters) {
  if (lost()) return broken();
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> sizes;
  std::vector<int> formats;
  for (const Parameters::Value& value : parameters.values()) {
    types.push_back(static_cast<Oid>(value.type));
    values.push_back(value.null ? nullptr : parameters.bytes().data() + value.begin);
    sizes.push_back(static_cast<int>(value.size));
    formats.push_back(value.binary ? 1 : 0);
  }
  constexpr int kBinaryResult = 1;
  if (PQsendQueryParams(handle_, sql.c_str(), static_cast<int>(values.size()), types.data(), values.data(),
                        sizes.data(), formats.data(), kBinaryResult) == 0) {
    return broken();
  }
  if (auto flushed = flush(); !flushed) return std::unexpected(std::move(flushed).error());
  return last_result();
}

Outcome<void> Connection::script(const std::string& sql) {
  if (lost()) return broken();
  if (PQsendQuery(handle_, sql.c_str()) == 0) return broken();
  if (auto flushed = flush(); !flushed) return flushed;
  auto outcome = last_result();
  if (!outcome) return std::unexpected(std::move(outcome).error());
  return {};
}

}  // namespace temperature::postgres
