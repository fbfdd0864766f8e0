#include "client/audit_text.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "client/problem.h"
#include "client/readable.h"

namespace temperature::client {
namespace {

namespace dom = simdjson::dom;

// Reads members one after the other, and keeps the first that is not as it must be.
class AuditReader {
 public:
  explicit AuditReader(dom::element json) : json_(json) {}

  [[nodiscard]] const std::string& missing() const { return missing_; }

  std::string text(std::string_view name) {
    std::string_view found;
    if (json_[name].get(found) != simdjson::SUCCESS) miss(name);
    return std::string(found);
  }
  // A text, or null.
  std::optional<std::string> name(std::string_view object, std::string_view name) {
    const auto member = json_[object][name];
    std::string_view found;
    if (member.get(found) == simdjson::SUCCESS) return std::string(found);
    if (!member.is_null()) miss(name);
    return std::nullopt;
  }
  std::uint64_t number(std::string_view name) {
    std::uint64_t found = 0;
    if (json_[name].get(found) != simdjson::SUCCESS) miss(name);
    return found;
  }
  std::optional<std::uint64_t> number_or_null(std::string_view name) {
    if (json_[name].is_null()) return std::nullopt;
    return number(name);
  }
  bool flag(std::string_view name) {
    bool found = false;
    if (json_[name].get(found) != simdjson::SUCCESS) miss(name);
    return found;
  }
  Timestamp moment(std::string_view name) {
    const auto moment = parse_rfc3339(text(name));
    if (!moment) miss(name);
    return moment.value_or(Timestamp());
  }
  audit::Hash hash(std::string_view name) {
    const auto hash = audit::parse_hash(text(name));
    if (!hash) miss(name);
    return hash.value_or(audit::Hash());
  }
  audit::Kind action(std::string_view name) {
    const auto kind = audit::kind_of(text(name));
    if (!kind) miss(name);
    return kind.value_or(audit::Kind::deletion);
  }
  JournalId journal(std::string_view name) {
    if (json_[name].is_null()) return {};
    const auto id = JournalId::parse(text(name));
    if (!id) miss(name);
    return id.value_or(JournalId());
  }

 private:
  void miss(std::string_view name) {
    if (missing_.empty()) missing_ = name;
  }

  dom::element json_;
  std::string missing_;
};

std::unexpected<Error> not_in_audit(const std::string& missing) {
  return not_understood(fmt::format("an entry of the audit has no \"{}\" that can be read", missing));
}

}  // namespace

Result<audit::Link> read_audit_link(dom::element json) {
  AuditReader in(json);
  audit::Link link;
  link.number = in.number("number");
  link.hash = in.hash("hash");
  link.previous = in.hash("previous_hash");
  audit::Entry& entry = link.entry;
  entry.position = Position(in.number("position"));
  entry.journal = in.journal("journal_id");
  entry.kind = in.action("action");
  entry.received = in.moment("time");
  entry.who = in.text("who");
  entry.building = in.name("scope", "building");
  entry.room = in.name("scope", "room");
  entry.sensor = in.name("scope", "sensor");
  entry.quantity = in.name("scope", "quantity");
  entry.from = in.moment("from");
  entry.to = in.moment("to");
  entry.reason = in.text("reason");
  entry.purge = in.flag("purge");
  entry.count = in.number_or_null("count");
  if (!in.missing().empty()) return not_in_audit(in.missing());
  return link;
}

Result<audit::Head> read_audit_end(dom::object page) {
  dom::element json;
  if (page["end"].get(json) != simdjson::SUCCESS) {
    return failure(ErrorCode::forbidden,
                   "the chain can be checked only by who sees all buildings: the credential is for some");
  }
  AuditReader in(json);
  audit::Head head;
  head.count = in.number("number");
  head.position = Position(in.number("position"));
  head.hash = in.hash("hash");
  if (!in.missing().empty()) return not_in_audit(in.missing());
  return head;
}

Table audit_table() {
  return Table({{"TIME"},
                {"WHO"},
                {"ACTION"},
                {"BUILDING"},
                {"ROOM"},
                {"SENSOR"},
                {"QUANTITY"},
                {"FROM"},
                {"TO"},
                {"READINGS", Table::Side::right},
                {"REASON"}});
}

void add_audit_entry(Table& table, const audit::Entry& entry) {
  // A deletion that names none is about all; a replacement, about several.
  const char* const none = entry.kind == audit::Kind::deletion ? "all" : "several";
  const auto shown = [none](const std::optional<std::string>& name) { return name.value_or(none); };
  table.add({readable_moment(entry.received), entry.who,
             std::string(audit::action_of(entry.kind)) + (entry.purge ? ", purge" : ""), shown(entry.building),
             shown(entry.room), shown(entry.sensor), shown(entry.quantity), readable_moment(entry.from),
             readable_moment(entry.to), entry.count ? std::to_string(*entry.count) : "unknown", entry.reason});
}

}  // namespace temperature::client
