#include "doors/influx_doors.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/utf8.h"
#include "doors/line_answers.h"
#include "http/query.h"
#include "model/name_limits.h"

namespace temperature::limits {

// Databases created by InfluxDB's clients that are listed; further ones are accepted but not listed.
inline constexpr std::size_t kDatabasesMax = 100;

}  // namespace temperature::limits

namespace temperature::doors {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kAskInstead =
    "ask /v1/history (buckets of time), /v1/average, /v1/readings or /v1/rooms; /docs describes them";
constexpr std::string_view kOrganizationId = "0000000000000001";
constexpr std::string_view kBucketId = "0000000000000002";
constexpr std::string_view kOnlyName = "temperature";

// Takes a word off the statement, in upper case.
std::string take_word(std::string_view& statement) {
  statement.remove_prefix(std::min(statement.find_first_not_of(kSpaces), statement.size()));
  std::string word(statement.substr(0, statement.find_first_of(" \t\r\n\"")));
  statement.remove_prefix(word.size());
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return word;
}

// A name, with or without double quotes; empty when there is none.
std::string take_name(std::string_view& statement) {
  statement.remove_prefix(std::min(statement.find_first_not_of(kSpaces), statement.size()));
  if (!statement.starts_with('"')) {
    std::string name(statement.substr(0, statement.find_first_of(kSpaces)));
    statement.remove_prefix(name.size());
    return name;
  }
  std::string name;
  for (std::size_t i = 1; i < statement.size(); ++i) {
    if (statement[i] == '"') {
      statement.remove_prefix(i + 1);
      return name;
    }
    if (statement[i] == '\\' && i + 1 < statement.size()) ++i;
    name.push_back(statement[i]);
  }
  return {};
}

}  // namespace

void InfluxPingDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  response.headers.emplace_back("X-Influxdb-Version", version_);
  response.headers.emplace_back("X-Influxdb-Build", "temperature-service");
  const auto query = http::Query::parse(exchange.request.query);
  const std::string* verbose = query ? query->find("verbose") : nullptr;
  if (verbose == nullptr || verbose->empty() || *verbose == "0" || *verbose == "false") {
    response.status = 204;
  } else {
    response.body = R"({"version":)";
    append_json_string(response.body, version_);
    response.body.push_back('}');
  }
  exchange.finish();
}

void InfluxReadyDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  const bool ready = pipeline_.state().phase() == pipeline::ServiceState::Phase::serving;
  response.status = ready ? 200 : 503;
  response.body = R"({"status":)";
  append_json_string(response.body, ready ? "ready" : "starting");
  response.body += R"(,"started":)";
  append_json_string(response.body, format_timestamp(started_));
  response.body += R"(,"up":)";
  append_json_string(response.body, format_duration(std::max(clock_.now() - started_, Duration(0))));
  response.body.push_back('}');
  exchange.finish();
}

void InfluxNamesDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  const auto query = http::Query::parse(exchange.request.query);
  if (!query) {
    write_error_v2(response, query.error());
    return exchange.finish();
  }
  const bool buckets = exchange.request.path.contains("buckets");
  const std::string* name = query->find(buckets ? "name" : "org");
  const std::string* offset = query->find("offset");
  const bool further = query->find("after") != nullptr || (offset != nullptr && *offset != "0");  // a second page
  std::string& out = response.body;
  out = buckets ? R"({"links":{"self":"/api/v2/buckets"},"buckets":[)" : R"({"links":{"self":"/api/v2/orgs"},"orgs":[)";
  if (!further) {
    out += R"({"id":)";
    append_json_string(out, buckets ? kBucketId : kOrganizationId);
    out += R"(,"name":)";
    append_json_string(out, name == nullptr || name->empty() ? kOnlyName : std::string_view(*name));
    if (buckets) {
      out += R"(,"orgID":)";
      append_json_string(out, kOrganizationId);
      out += R"(,"type":"user","retentionRules":[],"labels":[])";
    }
    out.push_back('}');
  }
  out += "]}";
  exchange.finish();
}

void InfluxFluxDoor::handle(http::Exchange& exchange) {
  write_error_v2(exchange.response,
                 {ErrorCode::parameter_invalid, "Flux is not understood here: " + std::string(kAskInstead)});
  exchange.finish();
}

void InfluxHealthDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  const auto refused = pipeline_.refuses_writes();
  response.status = refused ? 503 : 200;
  response.body = R"({"name":"temperature-service","message":)";
  append_json_string(response.body, refused ? std::string_view(refused->detail) : "ready for writes");
  response.body += R"(,"status":)";
  append_json_string(response.body, refused ? "fail" : "pass");
  response.body += R"(,"checks":[],"version":)";
  append_json_string(response.body, version_);
  response.body.push_back('}');
  exchange.finish();
}

void InfluxQueryDoor::handle(http::Exchange& exchange) {
  answer(exchange.request, exchange.response);
  exchange.finish();
}

void InfluxQueryDoor::answer(const http::Request& request, http::Response& response) {
  auto query = http::Query::parse(request.query);
  if (query && query->find("q") == nullptr) query = http::Query::parse(request.body);
  if (!query) return write_error_v1(response, query.error());
  const std::string* text = query->find("q");
  if (text == nullptr || text->empty()) {
    return write_error_v1(response, {ErrorCode::parameter_missing, "missing required parameter \"q\""});
  }
  std::string results;
  std::uint64_t number = 0;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view statement = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (statement.find_first_not_of(kSpaces) == std::string_view::npos) continue;
    const auto result = run(statement);
    if (!result) return write_error_v1(response, result.error());
    results += results.empty() ? R"({"statement_id":)" : R"(,{"statement_id":)";
    append_json_number(results, number++);
    results += *result + "}";
  }
  response.body = R"({"results":[)" + results + "]}";
}

Result<std::string> InfluxQueryDoor::run(std::string_view statement) {
  const std::string_view whole = statement;
  const std::string verb = take_word(statement);
  const std::string noun = take_word(statement);
  const std::lock_guard lock(mutex_);
  if (verb == "CREATE" && noun == "DATABASE") {
    std::string name = take_name(statement);
    if (name.empty()) {
      return failure(ErrorCode::parameter_invalid, "error parsing query: CREATE DATABASE needs a name");
    }
    const bool known = std::ranges::find(databases_, name) != databases_.end();
    if (!known && databases_.size() < limits::kDatabasesMax) databases_.push_back(std::move(name));
    return std::string();
  }
  if (verb == "SHOW" && noun == "DATABASES") {
    std::string result = R"(,"series":[{"name":"databases","columns":["name"],"values":)";
    append_json_array(result, databases_, [&result](const std::string& name) {
      result.push_back('[');
      append_json_string(result, name);
      result.push_back(']');
    });
    return result + "}]";
  }
  return failure(ErrorCode::parameter_invalid,
                 "error parsing query: of InfluxQL there are CREATE DATABASE and SHOW DATABASES here, not \"" +
                     std::string(utf8_prefix(whole, limits::kNameBytesMax)) + "\": " + std::string(kAskInstead));
}

}  // namespace temperature::doors
