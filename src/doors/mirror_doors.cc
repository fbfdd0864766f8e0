#include "doors/mirror_doors.h"

#include <functional>
#include <utility>

#include "base/json_text.h"
#include "http/problem.h"
#include "http/query.h"

namespace temperature::doors {
namespace {

// What both have; without the brace at the end.
void append_state(std::string& out, const mirror::MirrorStatus& status) {
  out += R"({"state":)";
  append_json_string(out, name_of(status.phase));
  append_json_member(out, "position", status.position.value());
  append_json_member(out, "lag_seconds", status.lag_seconds);
  append_json_member(out, "lag_readings", status.lag_readings);
  append_json_member(out, "lag_bytes", status.lag_bytes);
  append_json_member(out, "owed_ranges", status.owed_ranges);
  if (!status.sqlstate.empty()) append_json_member(out, "sqlstate", status.sqlstate);
}

void append_all(std::string& out, const mirror::MirrorStatus& status) {
  append_state(out, status);
  append_json_member(out, "database", status.database);
  if (!status.server.empty()) append_json_member(out, "server", status.server);
  if (!status.error.empty()) append_json_member(out, "error", status.error);
  if (!status.last_error.empty()) append_json_member(out, "last_error", status.last_error);
  append_json_member(out, "failures", status.failures);
  append_json_member(out, "readings", status.rows);
  append_json_member(out, "readings_of_ranges", status.owed_rows);
  append_json_member(out, "transactions", status.batches);
  append_json_member(out, "journal_bytes", status.journal_bytes);
  out.push_back('}');
}

// Does it, and answers 202 with the state, or why not.
void order(http::Exchange& exchange, mirror::Mirror* mirror, const std::function<Result<void>()>& what) {
  Result<void> done;
  if (mirror == nullptr) {
    done = failure(ErrorCode::mirror_off, "this service has no mirror: serve --timescale-url names its database");
  } else {
    done = what();
  }
  if (done) {
    exchange.response.status = 202;
    append_all(exchange.response.body, mirror->status());
  } else {
    http::write_problem(exchange.response, done.error());
  }
  exchange.finish();
}

}  // namespace

void append_mirror_summary(std::string& out, const mirror::Mirror* mirror) {
  if (mirror == nullptr) return;
  out += R"(,"mirror":)";
  append_state(out, mirror->status());
  out.push_back('}');
}

void MirrorStatusDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  if (auto none = http::takes_no_parameters(exchange.request.query); !none) {
    http::write_problem(response, none.error());
  } else if (mirror_ == nullptr) {
    response.body = R"({"state":"off"})";
  } else {
    append_all(response.body, mirror_->status());
  }
  exchange.finish();
}

void MirrorResyncDoor::handle(http::Exchange& exchange) {
  order(exchange, mirror_, [this, &exchange]() -> Result<void> {
    const auto query = http::Query::parse(exchange.request.query);
    if (!query) return std::unexpected(query.error());
    if (auto known = query->allow_only({"from", "to"}); !known) return known;
    const Timestamp now = clock_.now();
    const auto from = query->moment("from", now);
    if (!from) return std::unexpected(from.error());
    const auto to = query->moment("to", now);
    if (!to) return std::unexpected(to.error());
    if (!*from || !*to) {
      return failure(ErrorCode::parameter_missing, "from and to are both needed: readings with from <= time < to");
    }
    if (**from >= **to) return failure(ErrorCode::parameter_invalid, "from must be before to");
    return mirror_->resync(**from, **to);
  });
}

void MirrorReplaceDoor::handle(http::Exchange& exchange) {
  order(exchange, mirror_, [this, &exchange]() -> Result<void> {
    if (auto none = http::takes_no_parameters(exchange.request.query); !none) return none;
    return mirror_->replace();
  });
}

}  // namespace temperature::doors
