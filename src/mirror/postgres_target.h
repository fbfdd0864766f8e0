#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "mirror/schema.h"
#include "mirror/target.h"
#include "postgres/connection.h"
#include "postgres/copy_rows.h"
#include "postgres/parameters.h"
#include "postgres/transaction.h"

namespace temperature::mirror {

// The schema's tables in a PostgreSQL, over one connection (src/mirror/schema.h has made them). One thread at a time;
// connection and catalogue outlive it. What it knows of the database's ids it forgets with it: another connection may
// lead to another server.
class PostgresTarget final : public Target {
 public:
  struct Options {
    Layout layout = {};
    bool copies = true;  // by COPY ... FROM STDIN; else by INSERT, for servers and proxies where that does not pass
  };
  PostgresTarget(postgres::Connection& connection, const catalogue::Catalogue& catalogue, Options options,
                 const Clock& clock)
      : connection_(connection), catalogue_(catalogue), options_(std::move(options)), clock_(clock) {}

  // Whether readings were written since the last call that refresh_late_hours() has to look at.
  [[nodiscard]] bool take_late() { return std::exchange(late_, false); }

  postgres::Outcome<std::optional<Fence>> fence() override;
  postgres::Outcome<bool> claim(const std::optional<Fence>& from, const Fence& to, bool emptied) override;
  postgres::Outcome<Thinned> thin_out(const Fence& from, const Fence& to, std::span<const SeriesSpan> spans) override;
  postgres::Outcome<bool> write(const Fence& from, const Fence& to, const Batch& batch) override;

 private:
  postgres::Outcome<postgres::Transaction> begin();
  postgres::Outcome<bool> move_fence(const Fence& from, const Fence& to);
  postgres::Outcome<void> fill(const Batch& batch);
  postgres::Outcome<void> put_units(std::span<const catalogue::UnitDefined> units);
  // Finds the database's ids of all these series, or makes them; kept when the transaction is committed.
  postgres::Outcome<void> know(std::span<const SeriesId> series);
  postgres::Outcome<void> look_up(std::vector<SeriesId>& unknown);
  postgres::Outcome<void> know(std::span<const SeriesSpan> spans);
  [[nodiscard]] postgres::Parameters columns_of(std::span<const SeriesSpan> spans) const;
  postgres::Outcome<void> clear(std::span<const SeriesSpan> spans);
  postgres::Outcome<Thinned> thin_out_within(postgres::Transaction& transaction, const Fence& from, const Fence& to,
                                             std::span<const SeriesSpan> spans);
  // The first spans, as far as they have kMirrorClearedReadings together; none: they have less.
  postgres::Outcome<std::vector<SeriesSpan>> fullest_prefix(std::span<const SeriesSpan> spans);
  postgres::Outcome<void> insert(const Rows& rows, bool where_absent);
  postgres::Outcome<void> copy(const Rows& rows);
  [[nodiscard]] std::vector<std::uint32_t> order_of_index(const Rows& rows) const;
  postgres::Outcome<void> note_late(const Batch& batch);
  [[nodiscard]] std::int32_t id_of(SeriesId series) const { return ids_[series.value()]; }
  void forget_new();

  postgres::Connection& connection_;
  const catalogue::Catalogue& catalogue_;
  const Options options_;
  const Clock& clock_;
  bool late_ = false;
  std::vector<std::int32_t> ids_;             // by SeriesId; kUnknown: not known
  std::vector<SeriesId> new_;                 // known since the transaction began
  std::set<std::string, std::less<>> units_;  // quantities whose unit was written over this connection
  postgres::CopyRows rows_;                   // scratch
};

}  // namespace temperature::mirror
