#include "mirror/expiry.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mirror/late_hours.h"
#include "postgres/transaction.h"

namespace temperature::mirror {
namespace {

constexpr std::string_view kDropChunks =
    "SELECT count(*) FROM {}.drop_chunks('temperature_service.readings', older_than => $1::timestamptz)";
constexpr std::string_view kSeriesOf =
    "SELECT id FROM temperature_service.series WHERE quantity = $1::text ORDER BY id";
constexpr std::string_view kSeriesOfOthers =
    "SELECT id FROM temperature_service.series WHERE quantity <> ALL ($1::text[]) ORDER BY id";
// One descent of the index for each series.
constexpr std::string_view kOldestReading = R"sql(
SELECT min(oldest.time) FROM unnest($1::int4[]) AS s (id), LATERAL (
  SELECT time FROM temperature_service.readings WHERE series = s.id AND time < $2::timestamptz ORDER BY time LIMIT 1
) AS oldest
)sql";
constexpr std::string_view kDelete = R"sql(
DELETE FROM temperature_service.readings
WHERE series = ANY ($1::int4[]) AND time >= $2::timestamptz AND time < $3::timestamptz
)sql";
constexpr std::chrono::hours kSlice{1};

class Expiry {
 public:
  Expiry(postgres::Connection& connection, const Layout& layout, Timestamp now, int statements_max)
      : connection_(connection), layout_(layout), now_(now), statements_left_(statements_max) {}

  postgres::Outcome<void> drop_chunks(Timestamp before) {
    postgres::Parameters parameters;
    parameters.timestamp(before);
    auto dropped = connection_.run(fmt::format(kDropChunks, layout_.extension), parameters);
    if (!dropped) return std::unexpected(std::move(dropped).error());
    expired_.chunks += static_cast<std::uint64_t>(dropped->int8(0, 0));
    return {};
  }

  postgres::Outcome<void> of(std::string_view quantity, Timestamp before) {
    postgres::Parameters parameters;
    parameters.text(quantity);
    return of_series(std::string(kSeriesOf), parameters, before);
  }
  postgres::Outcome<void> of_all_but(const std::vector<std::string>& quantities, Timestamp before) {
    postgres::Parameters parameters;
    parameters.texts(quantities);
    return of_series(std::string(kSeriesOfOthers), parameters, before);
  }

  [[nodiscard]] const Expired& expired() const { return expired_; }

 private:
  postgres::Outcome<void> of_series(const std::string& sql, const postgres::Parameters& which, Timestamp before) {
    auto rows = connection_.run(sql, which);
    if (!rows) return std::unexpected(std::move(rows).error());
    std::vector<std::int32_t> series;
    for (int row = 0; row < rows->count(); ++row) series.push_back(rows->int4(row, 0));
    for (std::size_t at = 0; at < series.size() && !expired_.more; at += limits::kExpiredSeriesAtOnce) {
      const auto count = std::min<std::size_t>(limits::kExpiredSeriesAtOnce, series.size() - at);
      if (auto done = of_group(std::span(series).subspan(at, count), before); !done) return done;
    }
    return {};
  }

  postgres::Outcome<void> of_group(std::span<const std::int32_t> series, Timestamp before) {
    for (;;) {
      auto oldest = oldest_of(series, before);
      if (!oldest) return std::unexpected(std::move(oldest).error());
      if (!*oldest) return {};
      if (statements_left_-- == 0) {
        expired_.more = true;
        return {};
      }
      // Whole hours: one that was begun at its oldest reading would never be at an end.
      const Timestamp to = std::min<Timestamp>(before, std::chrono::floor<std::chrono::hours>(**oldest) + kSlice);
      if (auto done = remove(series, **oldest, to); !done) return done;
    }
  }

  postgres::Outcome<std::optional<Timestamp>> oldest_of(std::span<const std::int32_t> series, Timestamp before) {
    postgres::Parameters parameters;
    parameters.int4s(series);
    parameters.timestamp(before);
    auto rows = connection_.run(std::string(kOldestReading), parameters);
    if (!rows) return std::unexpected(std::move(rows).error());
    if (rows->null(0, 0)) return std::nullopt;
    return rows->timestamp(0, 0);
  }

  postgres::Outcome<void> remove(std::span<const std::int32_t> series, Timestamp from, Timestamp to) {
    auto transaction = postgres::Transaction::begin(connection_);
    if (!transaction) return std::unexpected(std::move(transaction).error());
    if (layout_.aggregates()) {  // columns are read out again where a deletion cuts them, however many
      auto set = connection_.run("SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0");
      if (!set) return std::unexpected(std::move(set).error());
    }
    postgres::Parameters parameters;
    parameters.int4s(series);
    parameters.timestamp(from);
    parameters.timestamp(to);
    auto deleted = connection_.run(std::string(kDelete), parameters);
    if (!deleted) return std::unexpected(std::move(deleted).error());
    LateHours late(now_);
    late.add(from, to);
    if (auto noted = late.write(connection_, layout_); !noted) return noted;
    if (auto committed = transaction->commit(); !committed) return committed;
    expired_.readings += deleted->affected();
    return {};
  }

  postgres::Connection& connection_;
  const Layout& layout_;
  const Timestamp now_;
  Expired expired_;
  int statements_left_;
};

}  // namespace

postgres::Outcome<Expired> drop_expired(postgres::Connection& connection, const Layout& layout,
                                        const Retention& retention, Timestamp now, int statements_max) {
  Expiry expiry(connection, layout, now, statements_max);
  // What goes by whole chunks, which leaves up to a week of it.
  const Duration by_chunks = layout.hypertable() ? longest(retention) : Duration(0);
  if (layout.edition == Edition::apache && by_chunks != Duration(0)) {
    if (auto done = expiry.drop_chunks(now - by_chunks); !done) return std::unexpected(std::move(done).error());
  }
  std::vector<std::string> own;
  for (const auto& [quantity, length] : retention.own()) {
    own.push_back(quantity);
    if (length == Duration(0) || length == by_chunks) continue;
    if (auto done = expiry.of(quantity, now - length); !done) return std::unexpected(std::move(done).error());
  }
  if (retention.others() != Duration(0) && retention.others() != by_chunks) {
    auto done = expiry.of_all_but(own, now - retention.others());
    if (!done) return std::unexpected(std::move(done).error());
  }
  return expiry.expired();
}

}  // namespace temperature::mirror
