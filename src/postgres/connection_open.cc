#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "postgres/connection.h"

namespace temperature::postgres {
namespace {

// With "verbose" libpq says "FATAL:  28P01: password authentication failed", which has no other way to the SQLSTATE of
// a connection that was refused; the last one of several hosts counts. The word before it is in the server's language.
std::string sqlstate_of(std::string_view message) {
  std::string found;
  for (auto at = message.find(":  "); at != std::string_view::npos; at = message.find(":  ", at + 1)) {
    const std::string_view state = message.substr(at + 3, 5);
    const bool whole =
        state.size() == 5 && message.substr(at + 8).starts_with(": ") &&
        std::ranges::all_of(state, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
    if (whole) found = state;
  }
  return found;
}

// Without the lines that say where in the server's source text it is.
std::string without_locations(std::string_view message) {
  std::string kept;
  while (!message.empty()) {
    const auto end = std::min(message.find('\n'), message.size() - 1) + 1;
    const std::string_view line = message.substr(0, end);
    message.remove_prefix(end);
    if (!line.starts_with("LOCATION:")) kept += line;
  }
  return one_line(kept);
}

// libpq's names and values of what a connection is made with.
class ConnectParameters {
 public:
  ConnectParameters(const Url& url, const Connection::Options& options)
      : url_(url.text()), application_(fmt::format("temperature-service {}", options.purpose)) {
    add("dbname", url_);
    add("fallback_application_name", application_);
    add("client_encoding", "UTF8");
  }
  void add(const char* name, const std::string& value) {
    names_.push_back(name);
    values_.push_back(value);
  }
  [[nodiscard]] pg_conn* start() const {
    std::vector<const char*> names = names_;
    std::vector<const char*> values;
    values.reserve(values_.size() + 1);
    for (const std::string& value : values_) values.push_back(value.c_str());
    names.push_back(nullptr);
    values.push_back(nullptr);
    constexpr int kExpandUrl = 1;
    return PQconnectStartParams(names.data(), values.data(), kExpandUrl);
  }

 private:
  std::string url_;
  std::string application_;
  std::vector<const char*> names_;
  std::vector<std::string> values_;
};

std::size_t count_of(std::string_view list) {
  return list.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(list, ',')) + 1;
}

// What of a comma-separated list stands behind its first `passed` parts; a list of one part is of all.
std::string behind(std::string_view list, std::size_t passed) {
  if (count_of(list) < 2) return std::string(list);
  for (; passed > 0; --passed) list.remove_prefix(list.find(',') + 1);
  return std::string(list);
}

// A host that takes a connection and then says nothing, or one behind which packets get lost, would take all the time:
// libpq's own bound for each host is in its blocking functions alone. So those behind it are tried anew, by themselves.
ConnectParameters parameters_without(const Url& url, const Connection::Options& options, std::size_t passed) {
  ConnectParameters parameters(url, options);
  if (passed == 0) return parameters;
  parameters.add("host", behind(url.hosts(), passed));
  if (!url.ports().empty()) parameters.add("port", behind(url.ports(), passed));
  if (!url.addresses().empty()) parameters.add("hostaddr", behind(url.addresses(), passed));
  return parameters;
}

}  // namespace

Outcome<void> Connection::connect() {
  PQsetErrorVerbosity(handle_, PQERRORS_VERBOSE);
  if (PQstatus(handle_) == CONNECTION_BAD) return broken();
  auto deadline = std::chrono::steady_clock::now() + connect_timeout_;
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  std::string before = server();
  for (;;) {
    auto waited = wait(next == PGRES_POLLING_READING ? Wait::read : Wait::write, deadline);
    if (!waited) {
      if (!waited.error().stopped) {
        waited.error().text = fmt::format("{} did not answer within {} ms", before, connect_timeout_.count());
      }
      return waited;
    }
    next = PQconnectPoll(handle_);
    if (next == PGRES_POLLING_OK) break;
    if (next == PGRES_POLLING_FAILED) {
      const std::string message = PQerrorMessage(handle_);
      given_up_ = true;
      return std::unexpected(
          Failure{.sqlstate = sqlstate_of(message), .text = without_locations(message), .connection_lost = true});
    }
    if (std::string now = server(); now != before) {
      before = std::move(now);
      deadline = std::chrono::steady_clock::now() + connect_timeout_;
    }
  }
  PQsetErrorVerbosity(handle_, PQERRORS_DEFAULT);
  if (PQsetnonblocking(handle_, 1) != 0) return broken();
  return {};
}

Outcome<std::unique_ptr<Connection>> Connection::open(const Url& url, const Options& options) {
  const std::size_t hosts = std::max<std::size_t>(1, std::max(count_of(url.hosts()), count_of(url.addresses())));
  std::string texts;
  for (std::size_t passed = 0;;) {
    pg_conn* const handle = parameters_without(url, options, passed).start();
    if (handle == nullptr) return std::unexpected(Failure{.text = "no memory for a connection"});
    std::unique_ptr<Connection> connection(new Connection(handle, options));
    auto connected = connection->connect();
    if (connected) return connection;
    Failure& failure = connected.error();
    if (!texts.empty()) failure.text = fmt::format("{}; {}", texts, failure.text);
    // Without a word from libpq it was our patience that ended: the host that was tried is passed over.
    const bool silent = failure.sqlstate.empty() && PQstatus(handle) != CONNECTION_BAD && !failure.stopped;
    if (!silent) return std::unexpected(std::move(failure));
    const std::string silent_server = connection->server();
    for (std::size_t i = passed; i < hosts; ++i) {
      ++passed;
      const std::string host = behind(url.hosts(), i);
      const std::string port = behind(url.ports(), i);
      const std::string first_port = port.substr(0, port.find(','));
      if (fmt::format("{}:{}", host.substr(0, host.find(',')), first_port.empty() ? "5432" : first_port) ==
          silent_server) {
        break;
      }
    }
    if (passed >= hosts) return std::unexpected(std::move(failure));
    texts = failure.text;
  }
}

}  // namespace temperature::postgres
