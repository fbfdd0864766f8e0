#include "doors/backup_doors.h"

#include <simdjson.h>

#include "base/json_text.h"
#include "base/time.h"
#include "doors/query_door.h"
#include "http/query.h"

namespace temperature::doors {
namespace {

using BackupState = upkeep::BackupDesk::State;

std::string_view state_name(BackupState state) {
  switch (state) {
    case BackupState::running:
      return "running";
    case BackupState::done:
      return "done";
    case BackupState::failed:
      return "failed";
    case BackupState::none:
      break;
  }
  return "none";
}

void write_status(http::Response& response, const upkeep::BackupDesk::Status& status) {
  std::string& out = response.body;
  out += R"({"state":)";
  append_json_string(out, state_name(status.state));
  if (status.state != BackupState::none) {
    append_json_member(out, "directory", status.folder.string());
    append_json_member(out, "bytes", status.bytes);
    append_json_member(out, "bytes_total", status.bytes_total);
  }
  if (status.state == BackupState::done) {
    append_json_member(out, "taken", format_timestamp(status.stamp.taken));
    append_json_member(out, "history_position", status.stamp.history.value());
    append_json_member(out, "journal_position", status.stamp.journal.value());
  }
  if (status.error) {
    append_json_member(out, "code", traits(status.error->code).code);
    append_json_member(out, "detail", status.error->detail);
  }
  out.push_back('}');
}

Result<std::string> directory_of(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body).get(root) != simdjson::SUCCESS) {
    return failure(ErrorCode::malformed_json, "the body is not valid JSON");
  }
  const auto field = root.at_key("directory");
  if (field.error() == simdjson::NO_SUCH_FIELD) return failure(ErrorCode::field_missing, "directory is missing");
  std::string_view directory;
  if (field.get_string().get(directory) != simdjson::SUCCESS) {
    return failure(ErrorCode::field_type, R"(the body must be an object such as {"directory":"/backups/monday"})");
  }
  return std::string(directory);
}

}  // namespace

void BackupDoor::handle(http::Exchange& exchange) {
  answer_on(readers_, exchange, [this, &exchange](http::Response& filled) -> Result<void> {
    if (pipeline_.state().phase() != pipeline::ServiceState::Phase::serving) {
      return failure(ErrorCode::recovering, "no backup can be made while the service is recovering or shutting down");
    }
    if (auto none = http::takes_no_parameters(exchange.request.query); !none) return none;
    const auto directory = directory_of(exchange.request.body);
    if (!directory) return std::unexpected(directory.error());
    if (auto begun = desk_.begin(*directory); !begun) return begun;
    filled.status = 202;
    write_status(filled, desk_.status());
    return {};
  });
}

void BackupStatusDoor::handle(http::Exchange& exchange) {
  answer_on(readers_, exchange, [this, &exchange](http::Response& filled) -> Result<void> {
    if (auto none = http::takes_no_parameters(exchange.request.query); !none) return none;
    write_status(filled, desk_.status());
    return {};
  });
}

}  // namespace temperature::doors
