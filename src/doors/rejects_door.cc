#include "doors/rejects_door.h"

#include "base/json_text.h"
#include "http/problem.h"
#include "http/query.h"
#include "telemetry/rejects.h"

namespace temperature::doors {
namespace {

constexpr std::size_t kLimitDefault = 100;

Result<std::size_t> limit_of(const std::string& text) {
  const auto query = http::Query::parse(text);
  if (!query) return std::unexpected(query.error());
  if (auto known = query->allow_only({"limit"}); !known) return std::unexpected(std::move(known.error()));
  return query->count_or("limit", kLimitDefault, limits::kRejectsKept);
}

void append(std::string& out, const telemetry::Rejects::Reject& reject) {
  out += R"({"time":")";
  append_timestamp(out, reject.at);
  out += R"(","door":)";
  append_json_string(out, reject.door);
  out += R"(,"sender":)";
  append_json_string(out, reject.sender);
  if (reject.place > 0) {
    out += R"(,"place":)";
    append_json_number(out, reject.place);
  }
  out += R"(,"code":)";
  append_json_string(out, traits(reject.error.code).code);
  out += R"(,"detail":)";
  append_json_string(out, reject.error.detail);
  out += R"(,"text":)";
  append_json_string(out, reject.text);
  out.push_back('}');
}

}  // namespace

void RejectsDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  if (const auto limit = limit_of(exchange.request.query)) {
    response.body = R"({"rejects":)";
    append_json_array(response.body, rejects_.newest(*limit),
                      [&response](const auto& reject) { append(response.body, reject); });
    response.body += R"(,"count":)";
    append_json_number(response.body, rejects_.count());
    response.body.push_back('}');
  } else {
    http::write_problem(response, limit.error());
  }
  exchange.finish();
}

}  // namespace temperature::doors
