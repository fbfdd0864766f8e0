#pragma once

#include <string>

#include "postgres/connection.h"
#include "postgres/failure.h"

namespace temperature::postgres {

// A transaction from begin() to commit(); without that it is rolled back, a COPY under way in it, too. The connection
// outlives it. On the connection's thread.
class Transaction {
 public:
  // `how`: "BEGIN", or with a level: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".
  static Outcome<Transaction> begin(Connection& connection, const std::string& how = "BEGIN");
  ~Transaction();
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Ends it either way. When the failure says that the connection is lost, nobody knows whether it was committed. A
  // transaction in which a statement had failed is rolled back by the server: failure 25P02.
  Outcome<void> commit();
  // Also for what the caller does not want after all.
  void roll_back();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}

  Connection* connection_;  // null: ended
};

}  // namespace temperature::postgres
