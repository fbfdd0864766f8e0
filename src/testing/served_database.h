#pragma once

#include <sys/types.h>

#include <string>

namespace temperature::testing {

// A database of a test's own: a server that tests/system has, started for it, and ended with it.
class ServedDatabase {
 public:
  // `script`: "postgres_server.py", a plain PostgreSQL; "timescale_server.py", TimescaleDB with its community features.
  explicit ServedDatabase(const std::string& script);
  ~ServedDatabase();
  ServedDatabase(const ServedDatabase&) = delete;
  ServedDatabase& operator=(const ServedDatabase&) = delete;

  // Of the database, which is empty at first.
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  pid_t process_ = 0;
  int input_ = -1;  // the server goes on until this ends
  std::string url_;
};

}  // namespace temperature::testing
