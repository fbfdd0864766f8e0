#include "doors/registry_doors.h"

#include <fmt/format.h>

#include "access/registry.h"
#include "access/scopes.h"
#include "base/json_text.h"
#include "doors/query_door.h"
#include "http/problem.h"
#include "http/query.h"
#include "http/request_trace.h"

namespace temperature::doors {
namespace {

constexpr std::size_t kRegisteredPageDefault = 100;

// What stands at the end of the request's path, where `pattern` has "{id}".
std::string id_of(const http::Request& request, std::string_view pattern) {
  return request.path.substr(pattern.find('{'));
}

struct Page {
  std::string after;
  std::size_t limit = 0;
};

Result<Page> page_of(const http::Query& query) {
  Page page;
  const auto limit = query.count_or("limit", kRegisteredPageDefault, limits::kPageRegisteredMax);
  if (!limit) return std::unexpected(limit.error());
  page.limit = *limit;
  if (const std::string* cursor = query.find("cursor")) page.after = *cursor;
  return page;
}

access::Actor actor_of(http::Request& request) {
  return {request.sender, http::trace_of(request)};
}

// {"NAME":[...],"next":ID}; one row more than the page has tells that there is a next one.
template <class Rows, class Id>
void append_page(std::string& out, std::string_view name, Rows rows, std::size_t limit, Id id) {
  const bool more = rows.size() > limit;
  if (more) rows.pop_back();
  out += fmt::format(R"({{"{}":)", name);
  append_json_array(out, rows, [&](const auto& row) { access::append_json(out, row); });
  out += R"(,"next":)";
  if (more) {
    append_json_string(out, id(rows.back()));
  } else {
    out += "null";
  }
  out.push_back('}');
}

Result<void> put_sensor(access::Administration& administration, ReadingRules rules, http::Exchange& exchange) {
  auto wish = access::read_sensor(id_of(exchange.request, RegisteredSensorDoor::kPath), exchange.request.body, rules);
  if (!wish) return std::unexpected(std::move(wish.error()));
  const auto kept = administration.put_sensor(actor_of(exchange.request), std::move(*wish));
  if (!kept) return std::unexpected(kept.error());
  access::append_json(exchange.response.body, *kept);
  return {};
}

Result<std::string> registered_id(const access::Registry& registry, ReadingRules rules, const http::Request& request) {
  return access::registered_id(registry, id_of(request, RegisteredSensorDoor::kPath), rules);
}

Result<void> show_sensor(const access::Registry& registry, ReadingRules rules, http::Exchange& exchange) {
  const auto id = registered_id(registry, rules, exchange.request);
  if (!id) return std::unexpected(id.error());
  const auto sensor = registry.find_sensor(*id);
  if (!sensor) return std::unexpected(sensor.error());
  if (!*sensor) return failure(ErrorCode::sensor_unknown, fmt::format("no sensor \"{}\" is registered", *id));
  access::append_json(exchange.response.body, **sensor);
  return {};
}

Result<void> make_key(access::Administration& administration, ReadingRules rules, http::Exchange& exchange) {
  auto wish = access::read_key_wish(exchange.request.body, rules);
  if (!wish) return std::unexpected(std::move(wish.error()));
  const auto made = administration.make_key(actor_of(exchange.request), std::move(*wish));
  if (!made) return std::unexpected(made.error());
  std::string& out = exchange.response.body;
  exchange.response.status = 201;
  access::append_json(out, made->key);
  out.back() = ',';
  out += R"("key":)";
  append_json_string(out, made->text);
  out.push_back('}');
  return {};
}

Result<void> list_keys(const access::Registry& registry, http::Exchange& exchange) {
  const auto query = http::Query::parse(exchange.request.query);
  if (!query) return std::unexpected(query.error());
  if (auto known = query->allow_only({"limit", "cursor"}); !known) return known;
  const auto page = page_of(*query);
  if (!page) return std::unexpected(page.error());
  auto keys = registry.keys(page->after, page->limit + 1);
  if (!keys) return std::unexpected(std::move(keys.error()));
  append_page(exchange.response.body, "keys", std::move(*keys), page->limit,
              [](const access::ApiKey& key) { return key.id; });
  return {};
}

Result<void> show_key(const access::Registry& registry, http::Exchange& exchange) {
  const std::string id = id_of(exchange.request, KeyDoor::kPath);
  const auto key = registry.find_key(id);
  if (!key) return std::unexpected(key.error());
  if (!*key) return failure(ErrorCode::key_unknown, "there is no such key");
  access::append_json(exchange.response.body, **key);
  return {};
}

// What was removed is not shown: 204, when `removed`.
Result<void> gone(http::Exchange& exchange, Result<void> removed) {
  if (removed) exchange.response.status = 204;
  return removed;
}

}  // namespace

void RegisteredSensorDoor::handle(http::Exchange& exchange) {
  answer_on(readers_, exchange, [this, &exchange](http::Response&) { return answer(exchange); });
}

Result<void> RegisteredSensorDoor::answer(http::Exchange& exchange) {
  if (auto none = http::takes_no_parameters(exchange.request.query); !none) return none;
  if (exchange.request.method == http::Method::put) return put_sensor(administration_, rules_, exchange);
  if (exchange.request.method == http::Method::delete_) {
    const auto id = registered_id(administration_.registry(), rules_, exchange.request);
    if (!id) return std::unexpected(id.error());
    return gone(exchange, administration_.remove_sensor(actor_of(exchange.request), *id));
  }
  return show_sensor(administration_.registry(), rules_, exchange);
}

void KeysDoor::handle(http::Exchange& exchange) {
  answer_on(readers_, exchange, [this, &exchange](http::Response&) { return answer(exchange); });
}

Result<void> KeysDoor::answer(http::Exchange& exchange) {
  if (exchange.request.method == http::Method::post) {
    auto none = http::takes_no_parameters(exchange.request.query);
    return none ? make_key(administration_, rules_, exchange) : none;
  }
  return list_keys(administration_.registry(), exchange);
}

void KeyDoor::handle(http::Exchange& exchange) {
  answer_on(readers_, exchange, [this, &exchange](http::Response&) { return answer(exchange); });
}

Result<void> KeyDoor::answer(http::Exchange& exchange) {
  if (auto none = http::takes_no_parameters(exchange.request.query); !none) return none;
  if (exchange.request.method == http::Method::delete_) {
    return gone(exchange, administration_.remove_key(actor_of(exchange.request), id_of(exchange.request, kPath)));
  }
  return show_key(administration_.registry(), exchange);
}

Result<void> list_registered(const access::Registry& registry, const http::Query& query, std::string& out) {
  const auto page = page_of(query);
  if (!page) return std::unexpected(page.error());
  auto sensors = registry.sensors(page->after, page->limit + 1);
  if (!sensors) return std::unexpected(std::move(sensors.error()));
  append_page(out, "sensors", std::move(*sensors), page->limit, [](const access::Sensor& sensor) { return sensor.id; });
  return {};
}

}  // namespace temperature::doors
