#include "postgres/transaction.h"

#include <utility>

namespace temperature::postgres {

Outcome<Transaction> Transaction::begin(Connection& connection, const std::string& how) {
  auto begun = connection.run(how);
  if (!begun) return std::unexpected(std::move(begun).error());
  return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
  roll_back();
}

Outcome<void> Transaction::commit() {
  Connection& connection = *std::exchange(connection_, nullptr);
  auto committed = connection.run("COMMIT");
  if (!committed) return std::unexpected(std::move(committed).error());
  if (committed->tag() == "COMMIT") return {};
  return std::unexpected(
      Failure{.sqlstate = "25P02", .text = "the server rolled the transaction back: a statement in it had failed"});
}

void Transaction::roll_back() {
  if (connection_ == nullptr) return;
  Connection& connection = *std::exchange(connection_, nullptr);
  connection.copy_in_abort();
  if (!connection.lost()) static_cast<void>(connection.run("ROLLBACK"));
}

}  // namespace temperature::postgres
