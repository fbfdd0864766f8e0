#include "mirror/audit_table.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/entry.h"
#include "mirror/fenced_transaction.h"
#include "postgres/parameters.h"

namespace temperature::mirror {
namespace {

using postgres::Outcome;

std::string_view text_or_empty(const std::optional<std::string>& text) {
  return text ? std::string_view(*text) : std::string_view();
}

// What a text of PostgreSQL can hold; the entry itself is beside it, as it is.
std::string without_nul(std::string text) {
  std::erase(text, '\0');
  return text;
}

// Entries as columns. A name is never empty: that stands for NULL.
class AuditRows {
 public:
  void add(std::string_view stored, const audit::Entry& entry) {
    journals_.push_back(entry.journal.text());
    positions_.push_back(static_cast<std::int64_t>(entry.position.value()));
    received_.push_back(entry.received);
    texts_[0].push_back(entry.who);
    texts_[1].emplace_back(audit::action_of(entry.kind));
    texts_[2].emplace_back(text_or_empty(entry.building));
    texts_[3].emplace_back(text_or_empty(entry.room));
    texts_[4].emplace_back(text_or_empty(entry.sensor));
    texts_[5].emplace_back(text_or_empty(entry.quantity));
    texts_[6].push_back(without_nul(entry.reason));
    from_.push_back(entry.from);
    to_.push_back(entry.to);
    counts_.push_back(entry.count ? static_cast<std::int64_t>(*entry.count) : -1);
    purges_.push_back(entry.purge ? 1 : 0);
    entries_.emplace_back(stored);
  }
  [[nodiscard]] bool empty() const { return positions_.empty(); }

  [[nodiscard]] postgres::Parameters parameters() const {
    postgres::Parameters all;
    all.texts(std::span<const std::string>(journals_));
    all.int8s(positions_);
    all.timestamps(received_);
    for (const auto& texts : texts_) all.texts(std::span<const std::string>(texts));
    all.timestamps(from_);
    all.timestamps(to_);
    all.int8s(counts_);
    all.int4s(purges_);
    all.byteas(std::span<const std::string>(entries_));
    return all;
  }

 private:
  std::vector<std::string> journals_;
  std::vector<std::int64_t> positions_;
  std::vector<Timestamp> received_;
  std::array<std::vector<std::string>, 7> texts_;  // who, action, building, room, sensor, quantity, reason
  std::vector<Timestamp> from_;
  std::vector<Timestamp> to_;
  std::vector<std::int64_t> counts_;
  std::vector<std::int32_t> purges_;
  std::vector<std::string> entries_;
};

constexpr const char* kPut =
    "INSERT INTO temperature_service.audit (journal_id, position, received, who, action, building, room, sensor, "
    "quantity, since, until, readings, purge, reason, entry) "
    "SELECT journal_id::uuid, position, received, who, action, nullif(building, ''), nullif(room, ''), "
    "nullif(sensor, ''), nullif(quantity, ''), since, until, nullif(readings, -1), purge = 1, reason, entry "
    "FROM unnest($1::text[], $2::int8[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], "
    "$8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::int8[], $14::int4[], "
    "$15::bytea[]) AS had (journal_id, position, received, who, action, building, room, sensor, quantity, reason, "
    "since, until, readings, purge, entry) ON CONFLICT DO NOTHING";

}  // namespace

// Entries of journals that this one goes on from stand before its own, and were written before them.
Outcome<Position> AuditTable::find_upto(postgres::Connection& connection) const {
  postgres::Parameters parameters;
  parameters.uuid(journal_.text());
  const auto found = connection.run(
      "SELECT coalesce(max(position), 0)::int8 FROM temperature_service.audit WHERE journal_id = $1", parameters);
  if (!found) return std::unexpected(found.error());
  return Position(static_cast<std::uint64_t>(found->int8(0, 0)));
}

Outcome<bool> AuditTable::bring_up(postgres::Connection& connection, const Fence& fence) {
  if (!upto_) {
    auto found = find_upto(connection);
    if (!found) return std::unexpected(std::move(found.error()));
    upto_ = *found;
  }
  AuditRows rows;
  std::size_t taken = 0;
  Position last = *upto_;
  const auto read = history_.read_audit(*upto_, [&](Position position, std::string_view bytes) {
    last = position;
    if (const auto link = audit::decode(bytes)) rows.add(bytes, link->entry);  // else verify tells of it
    return ++taken < limits::kMirrorAuditEntries;
  });
  if (!read) return std::unexpected(postgres::Failure{.text = read.error().detail});
  if (!rows.empty()) {
    auto written = transact(connection, fence, [&]() -> Outcome<void> {
      const auto put = connection.run(kPut, rows.parameters());
      if (!put) return std::unexpected(put.error());
      return {};
    });
    if (!written || !*written) return written;
  }
  upto_ = last;
  return true;
}

}  // namespace temperature::mirror
