#include "mirror/fenced_transaction.h"

#include <utility>

#include "postgres/parameters.h"
#include "postgres/transaction.h"

namespace temperature::mirror {

postgres::Outcome<bool> transact(postgres::Connection& connection, const Fence& fence,
                                 const std::function<postgres::Outcome<void>()>& change) {
  auto transaction = postgres::Transaction::begin(connection);
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  postgres::Parameters parameters;
  parameters.uuid(fence.journal.text());
  parameters.int8(fence.number);
  const auto held = connection.run(
      "SELECT FROM temperature_service.mirror WHERE journal_id = $1 AND fence = $2 FOR UPDATE", parameters);
  if (!held) return std::unexpected(held.error());
  if (held->count() != 1) return false;
  postgres::Outcome<void> done = change();
  if (done) done = transaction->commit();
  if (!done) return std::unexpected(std::move(done.error()));
  return true;
}

}  // namespace temperature::mirror
