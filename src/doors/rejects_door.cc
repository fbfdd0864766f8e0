#include "doors/rejects_door.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "doors/query_door.h"
#include "http/problem.h"
#include "http/query.h"
#include "telemetry/rejects.h"

namespace temperature::doors {
namespace {

using telemetry::RejectField;
using telemetry::RejectGroup;
using telemetry::RejectKind;
using Reject = telemetry::Rejects::Reject;

constexpr std::size_t kLimitDefault = 100;
constexpr std::array<std::string_view, 2> kLists{"kind", "group_by"};
constexpr std::array kKindsDefault{RejectKind::refused, RejectKind::conflict};

struct RejectsQuery {
  std::size_t limit = kLimitDefault;
  std::vector<RejectKind> kinds;
  std::vector<RejectField> group_by;  // empty: the rejects themselves

  [[nodiscard]] bool wants(RejectKind kind) const { return std::ranges::find(kinds, kind) != kinds.end(); }
};

// The elements of a list whose words `names` has, each once.
template <class Element, std::size_t kNames>
Result<std::vector<Element>> elements_of(const http::Query& query, std::string_view parameter,
                                         const std::array<std::string_view, kNames>& names) {
  const auto words = query.words(parameter);
  if (!words) return std::unexpected(words.error());
  std::vector<Element> elements;
  for (const std::string& word : *words) {
    const auto known = std::ranges::find(names, word);
    if (known == names.end()) {
      return failure(ErrorCode::parameter_invalid,
                     fmt::format("{} has \"{}\"; there are: {}", parameter, word, fmt::join(names, ", ")));
    }
    const auto element = static_cast<Element>(known - names.begin());
    if (std::ranges::find(elements, element) == elements.end()) elements.push_back(element);
  }
  return elements;
}

Result<RejectsQuery> question_of(const std::string& text) {
  const auto query = http::Query::parse(text, kLists);
  if (!query) return std::unexpected(query.error());
  if (auto known = query->allow_only({"limit", "kind", "group_by"}); !known) {
    return std::unexpected(std::move(known.error()));
  }
  RejectsQuery asked;
  const auto limit = query->count_or("limit", kLimitDefault, limits::kRejectsKept);
  if (!limit) return std::unexpected(limit.error());
  asked.limit = *limit;
  auto kinds = elements_of<RejectKind>(*query, "kind", telemetry::kRejectKinds);
  if (!kinds) return std::unexpected(std::move(kinds.error()));
  asked.kinds = std::move(*kinds);
  if (asked.kinds.empty()) asked.kinds.assign(kKindsDefault.begin(), kKindsDefault.end());
  auto group_by = elements_of<RejectField>(*query, "group_by", telemetry::kRejectFields);
  if (!group_by) return std::unexpected(std::move(group_by.error()));
  asked.group_by = std::move(*group_by);
  return asked;
}

std::string_view words_of(mapping::PassedOverReason reason) {
  switch (reason) {
    case mapping::PassedOverReason::text:
      return "a string is no reading";
    case mapping::PassedOverReason::boolean:
      return "true and false are no readings";
    case mapping::PassedOverReason::attribute:
      return "of Home Assistant's lines only the field value is a reading";
    case mapping::PassedOverReason::no_number:
      return "it holds a string that is no number";
    case mapping::PassedOverReason::left_out:
      return "--line-fields does not take it";
  }
  return "";
}

// What several threads know of one field becomes one.
std::vector<Reject> passed_over(const LineDoor& lines) {
  std::map<telemetry::RejectKey, Reject> by_key;
  for (mapping::PassedOverField& field : lines.passed_over()) {
    Reject reject{.kind = RejectKind::passed_over,
                  .at = field.last,
                  .door = field.door,
                  .sender = std::move(field.sender),
                  .place = field.line,
                  .code = name_of(field.reason),
                  .detail = fmt::format("the field \"{}\" is passed over: {}", field.key, words_of(field.reason)),
                  .text = std::move(field.text),
                  .names = {std::move(field.building), std::move(field.room), std::move(field.sensor), {}},
                  .field = std::move(field.key),
                  .count = field.count};
    const auto [known, added] = by_key.try_emplace(key_of(reject), reject);
    if (added) continue;
    known->second.count += reject.count;
    known->second.at = std::max(known->second.at, reject.at);
  }
  std::vector<Reject> rejects;
  for (auto& [key, reject] : by_key) rejects.push_back(std::move(reject));
  std::ranges::stable_sort(rejects, std::ranges::greater(), &Reject::at);
  return rejects;
}

// What is not known is left out.
void append_known(std::string& out, std::string_view name, std::string_view text) {
  if (!text.empty()) append_json_member(out, name, text);
}

void append(std::string& out, const Reject& reject) {
  out += R"({"time":")";
  append_timestamp(out, reject.at);
  out.push_back('"');
  append_json_member(out, "kind", name_of(reject.kind));
  append_json_member(out, "door", reject.door);
  append_json_member(out, "sender", reject.sender);
  if (reject.place > 0) {
    out += R"(,"place":)";
    append_json_number(out, reject.place);
  }
  append_json_member(out, "code", reject.code);
  append_json_member(out, "detail", reject.detail);
  append_json_member(out, "text", reject.text);
  append_known(out, "building", reject.names.building);
  append_known(out, "room", reject.names.room);
  append_known(out, "sensor", reject.names.sensor);
  append_known(out, "quantity", reject.names.quantity);
  if (reject.contradicted) {
    append_json_member(out, "timestamp", format_timestamp(reject.contradicted->timestamp));
    out += R"(,"stored":)";
    append_json_number(out, reject.contradicted->stored);
    out += R"(,"refused":)";
    append_json_number(out, reject.contradicted->refused);
  }
  if (reject.kind == RejectKind::passed_over) {
    append_json_member(out, "field", reject.field);
    out += R"(,"count":)";
    append_json_number(out, reject.count);
  }
  out.push_back('}');
}

void append(std::string& out, const RejectGroup& group, const std::vector<RejectField>& fields) {
  out.push_back('{');
  for (const RejectField field : fields) {
    out += fmt::format(R"("{}":)", telemetry::kRejectFields[std::to_underlying(field)]);
    const std::string& text = group.key[std::to_underlying(field)];
    if (text.empty()) {
      out += "null";
    } else {
      append_json_string(out, text);
    }
    out.push_back(',');
  }
  out += R"("count":)";
  append_json_number(out, group.count);
  out += R"(,"last":")";
  append_timestamp(out, group.last);
  out += R"("})";
}

void write_list(std::string& out, const RejectsQuery& asked, const telemetry::Rejects& rejects,
                std::vector<Reject> fields) {
  std::vector<Reject> found;
  std::uint64_t count = 0;
  for (const RejectKind kind : asked.kinds) {
    std::ranges::move(rejects.newest(kind, asked.limit), std::back_inserter(found));
    count += rejects.count(kind);
  }
  for (Reject& field : fields) {
    count += field.count;
    found.push_back(std::move(field));
  }
  if (asked.kinds.size() > 1) std::ranges::stable_sort(found, std::ranges::greater(), &Reject::at);
  if (found.size() > asked.limit) found.resize(asked.limit);
  out += R"({"rejects":)";
  append_json_array(out, found, [&out](const Reject& reject) { append(out, reject); });
  out += R"(,"count":)";
  append_json_number(out, count);
  out.push_back('}');
}

void write_groups(std::string& out, const RejectsQuery& asked, const telemetry::Rejects& rejects,
                  const std::vector<Reject>& fields) {
  std::vector<RejectGroup> groups = rejects.counts();
  std::erase_if(groups, [&asked](const RejectGroup& group) {
    return std::ranges::none_of(asked.kinds, [&group](RejectKind kind) {
      return group.key[std::to_underlying(RejectField::kind)] == name_of(kind);
    });
  });
  for (const Reject& field : fields) groups.push_back({key_of(field), field.count, field.at});
  groups = group_rejects(std::move(groups), asked.group_by);
  std::uint64_t count = 0;
  for (const RejectGroup& group : groups) count += group.count;
  const std::size_t groups_count = groups.size();
  if (groups.size() > asked.limit) groups.resize(asked.limit);
  out += R"({"groups":)";
  append_json_array(out, groups, [&](const RejectGroup& group) { append(out, group, asked.group_by); });
  out += R"(,"groups_count":)";
  append_json_number(out, std::uint64_t{groups_count});
  out += R"(,"count":)";
  append_json_number(out, count);
  out.push_back('}');
}

}  // namespace

void RejectsDoor::handle(http::Exchange& exchange) {
  auto asked = question_of(exchange.request.query);
  if (!asked) {
    http::write_problem(exchange.response, asked.error());
    return exchange.finish();
  }
  answer_on(readers_, exchange, [this, asked = std::move(*asked)](http::Response& filled) -> Result<void> {
    std::vector<Reject> fields;
    if (asked.wants(RejectKind::passed_over)) fields = passed_over(lines_);
    if (asked.group_by.empty()) {
      write_list(filled.body, asked, rejects_, std::move(fields));
    } else {
      write_groups(filled.body, asked, rejects_, fields);
    }
    return {};
  });
}

}  // namespace temperature::doors
