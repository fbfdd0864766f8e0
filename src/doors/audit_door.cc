#include "doors/audit_door.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "audit/entry.h"
#include "base/json_text.h"
#include "base/time.h"

namespace temperature::doors {
namespace {

constexpr std::size_t kAuditPageDefault = 100;

struct AuditQuery {
  Timestamp from = kTimestampMin;
  Timestamp to = kTimestampMax;
  Position after;
  std::size_t limit = kAuditPageDefault;
  std::vector<std::string> visible;  // buildings; empty: all

  [[nodiscard]] bool wants(const audit::Entry& entry) const {
    if (entry.received < from || entry.received >= to) return false;
    return visible.empty() || (entry.building && std::ranges::find(visible, *entry.building) != visible.end());
  }
};

std::optional<Position> position_of(const std::string& cursor) {
  std::uint64_t position = 0;
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), position);
  if (error != std::errc() || end != cursor.data() + cursor.size()) return std::nullopt;
  return Position(position);
}

Result<AuditQuery> read_audit_query(const http::Query& query, Timestamp now) {
  if (auto known = query.allow_only({"from", "to", "limit", "cursor"}); !known) {
    return std::unexpected(std::move(known.error()));
  }
  AuditQuery asked;
  const auto from = query.moment("from", now);
  if (!from) return std::unexpected(from.error());
  const auto to = query.moment("to", now);
  if (!to) return std::unexpected(to.error());
  asked.from = from->value_or(kTimestampMin);
  asked.to = to->value_or(kTimestampMax);
  if (asked.from > asked.to) return failure(ErrorCode::parameter_invalid, "from must be before to");
  const auto limit = query.count_or("limit", kAuditPageDefault, limits::kPageAuditMax);
  if (!limit) return std::unexpected(limit.error());
  asked.limit = *limit;
  const std::string* cursor = query.find("cursor");
  if (cursor == nullptr) return asked;
  const auto after = position_of(*cursor);
  if (!after) return failure(ErrorCode::parameter_invalid, "cursor is not one that this service gave");
  asked.after = *after;
  return asked;
}

void append_name(std::string& out, std::string_view name, const std::optional<std::string>& text) {
  if (text) return append_json_member(out, name, *text);
  out += fmt::format(R"(,"{}":null)", name);
}

void append(std::string& out, const audit::Link& link) {
  const audit::Entry& entry = link.entry;
  out += R"({"position":)";
  append_json_number(out, entry.position.value());
  append_name(out, "journal_id", entry.journal.none() ? std::nullopt : std::optional(entry.journal.text()));
  append_json_member(out, "number", link.number);
  append_json_member(out, "time", format_timestamp(entry.received));
  append_json_member(out, "who", entry.who);
  append_json_member(out, "action", audit::action_of(entry.kind));
  std::string scope;
  append_name(scope, "building", entry.building);
  append_name(scope, "room", entry.room);
  append_name(scope, "sensor", entry.sensor);
  append_name(scope, "quantity", entry.quantity);
  scope.front() = '{';
  out += R"(,"scope":)" + scope + '}';
  append_json_member(out, "from", format_timestamp(entry.from));
  append_json_member(out, "to", format_timestamp(entry.to));
  if (entry.count) {
    append_json_member(out, "count", *entry.count);
  } else {
    out += R"(,"count":null)";
  }
  append_json_member(out, "reason", entry.reason);
  out += entry.purge ? R"(,"purge":true)" : R"(,"purge":false)";
  append_json_member(out, "hash", audit::text_of(link.hash));
  append_json_member(out, "previous_hash", audit::text_of(link.previous));
  out.push_back('}');
}

void append(std::string& out, const audit::Head& head) {
  out += R"(,"end":{"number":)";
  append_json_number(out, head.count);
  append_json_member(out, "position", head.position.value());
  append_json_member(out, "hash", audit::text_of(head.hash));
  out.push_back('}');
}

Result<void> write_audit(const history::History& history, const AuditQuery& asked, std::string& out) {
  // Read first: what comes meanwhile is on the last page, and behind this end.
  const audit::Head head = history.audit_head();
  std::vector<audit::Link> found;
  std::size_t looked_at = 0;
  Position last = asked.after;
  std::optional<Position> damaged;
  bool more = false;
  const auto read = history.read_audit(asked.after, [&](Position position, std::string_view bytes) {
    more = found.size() == asked.limit || looked_at == limits::kAuditLookedAtMax;
    if (more) return false;
    ++looked_at;
    last = position;
    auto link = audit::decode(bytes);
    if (!link) damaged = position;
    if (link && asked.wants(link->entry)) found.push_back(std::move(*link));
    return link.has_value();
  });
  if (!read) return read;
  if (damaged) {
    return failure(ErrorCode::history_failed, fmt::format("the audit's entry at position {} cannot be decoded; "
                                                          "temperature-service audit verify says more",
                                                          damaged->value()));
  }
  out += R"({"entries":)";
  append_json_array(out, found, [&out](const audit::Link& link) { append(out, link); });
  if (asked.visible.empty()) append(out, head);
  out += more ? fmt::format(R"(,"next":"{}"}})", last.value()) : R"(,"next":null})";
  return {};
}

}  // namespace

Result<Later> AuditDoor::answer(const http::Query& query, const access::Principal& principal, http::Response&) {
  auto asked = read_audit_query(query, now());
  if (!asked) return std::unexpected(std::move(asked.error()));
  asked->visible = principal.permit.buildings;
  return
      [this, asked = std::move(*asked)](http::Response& filled) { return write_audit(history_, asked, filled.body); };
}

}  // namespace temperature::doors
