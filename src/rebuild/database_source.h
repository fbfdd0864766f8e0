#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/journal_id.h"
#include "model/reading.h"
#include "postgres/connection.h"
#include "postgres/transaction.h"

namespace temperature::rebuild {

// Reads what a mirror's database holds, all of it as it was at one moment. One thread; the connection outlives it.
class DatabaseSource {
 public:
  // Error startup: there is no mirror in the database, it is of a newer version, or the database does not let us read.
  static Result<DatabaseSource> open(postgres::Connection& connection);

  // Whose readings these are, and up to which position of its journal.
  struct Origin {
    JournalId journal;
    Position position;
    std::uint64_t owed_ranges = 0;  // that were still to be copied: readings are missing in them
    Timestamp updated{};
  };
  [[nodiscard]] const Origin& origin() const { return origin_; }

  using Texts = std::vector<std::pair<std::string, std::string>>;
  Result<Texts> settings();
  Result<Texts> units();  // quantity, unit

  struct Series {
    std::int32_t id = 0;
    SeriesKey key;  // views for the call alone
  };
  // In order of id.
  Result<void> read_series(const std::function<Result<void>(const Series&)>& take);
  // id, record; of the table "sensors" or "api_keys".
  Result<void> read_records(std::string_view table,
                            const std::function<Result<void>(std::string_view id, std::string_view record)>& take);

  Result<std::uint64_t> count_readings();
  // All of them, in no order.
  Result<void> read_readings(const std::function<Result<void>(std::int32_t series, const Sample&)>& take);

 private:
  DatabaseSource(postgres::Connection& connection, postgres::Transaction transaction)
      : connection_(&connection), transaction_(std::move(transaction)) {}
  Result<void> look_at_origin();
  Result<Texts> read_pairs(const std::string& sql, std::string_view what);
  Result<void> copy(const std::string& sql, std::string_view what,
                    const std::function<Result<void>(std::string_view row)>& take);

  postgres::Connection* connection_;
  postgres::Transaction transaction_;
  Origin origin_;
};

}  // namespace temperature::rebuild
