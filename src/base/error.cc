#include "base/error.h"

#include <array>
#include <utility>

#include "base/check.h"

namespace temperature {
namespace {

struct Row {
  ErrorCode key;
  ErrorTraits traits;
};

constexpr std::array kRows{
    Row{ErrorCode::malformed_json, {"malformed_json", 400, "The body is not valid JSON", false}},
    Row{ErrorCode::malformed_body, {"malformed_body", 400, "The body cannot be read", false}},
    Row{ErrorCode::malformed_line, {"malformed_line", 400, "A line cannot be read", false}},
    Row{ErrorCode::body_too_large, {"body_too_large", 413, "The body is too large", false}},
    Row{ErrorCode::headers_too_large, {"headers_too_large", 431, "The request's headers are too large", false}},
    Row{ErrorCode::malformed_request, {"malformed_request", 400, "The request is not valid HTTP", false}},
    Row{ErrorCode::length_required, {"length_required", 411, "The length of the body is not said", false}},
    Row{ErrorCode::unsupported_transfer_coding,
        {"unsupported_transfer_coding", 501, "The transfer coding is not supported", false}},
    Row{ErrorCode::unsupported_media_type, {"unsupported_media_type", 415, "The content type is not supported", false}},
    Row{ErrorCode::unsupported_encoding, {"unsupported_encoding", 415, "The content encoding is not supported", false}},
    Row{ErrorCode::request_timeout, {"request_timeout", 408, "The request took too long to arrive", false}},
    Row{ErrorCode::not_found, {"not_found", 404, "There is nothing at this address", false}},
    Row{ErrorCode::method_not_allowed, {"method_not_allowed", 405, "The method is not allowed here", false}},
    Row{ErrorCode::parameter_missing, {"parameter_missing", 400, "A query parameter is missing", false}},
    Row{ErrorCode::parameter_invalid, {"parameter_invalid", 400, "A query parameter is not valid", false}},
    Row{ErrorCode::parameter_unknown, {"parameter_unknown", 400, "A query parameter is unknown", false}},
    Row{ErrorCode::nothing_admissible, {"nothing_admissible", 422, "No reading could be accepted", false}},
    Row{ErrorCode::credential_missing, {"credential_missing", 401, "A credential is needed", false}},
    Row{ErrorCode::credential_invalid, {"credential_invalid", 401, "The credential is not valid", false}},
    Row{ErrorCode::credential_expired, {"credential_expired", 401, "The credential has expired", false}},
    Row{ErrorCode::forbidden, {"forbidden", 403, "The credential does not allow this", false}},
    Row{ErrorCode::forbidden_sensor, {"forbidden_sensor", 403, "The credential is another sensor's", false}},
    Row{ErrorCode::forbidden_building, {"forbidden_building", 403, "The credential is for other buildings", false}},
    Row{ErrorCode::forbidden_room, {"forbidden_room", 403, "The credential is for another room", false}},
    Row{ErrorCode::forbidden_quantity, {"forbidden_quantity", 403, "The credential is for other quantities", false}},
    Row{ErrorCode::forbidden_host, {"forbidden_host", 403, "The service does not answer to this host", false}},
    Row{ErrorCode::forbidden_origin, {"forbidden_origin", 403, "A page of another origin may not do this", false}},
    Row{ErrorCode::rate_limited, {"rate_limited", 429, "Too much in too short a time", true}},
    Row{ErrorCode::field_missing, {"field_missing", 422, "A field is missing", false}},
    Row{ErrorCode::field_type, {"field_type", 422, "A field has the wrong type", false}},
    Row{ErrorCode::field_repeated, {"field_repeated", 422, "A field stands twice", false}},
    Row{ErrorCode::field_unknown, {"field_unknown", 422, "A field is not known", false}},
    Row{ErrorCode::room_missing, {"room_missing", 422, "The room cannot be told", false}},
    Row{ErrorCode::sensor_missing, {"sensor_missing", 422, "The sensor cannot be told", false}},
    Row{ErrorCode::id_invalid, {"id_invalid", 422, "A name is not valid", false}},
    Row{ErrorCode::value_invalid, {"value_invalid", 422, "The value is not a finite number", false}},
    Row{ErrorCode::out_of_range, {"out_of_range", 422, "The value is out of range", false}},
    Row{ErrorCode::temperature_out_of_range,
        {"temperature_out_of_range", 422, "The temperature is out of range", false}},
    Row{ErrorCode::timestamp_invalid, {"timestamp_invalid", 422, "The timestamp is not valid", false}},
    Row{ErrorCode::timestamp_too_old, {"timestamp_too_old", 422, "The timestamp lies before the year 2000", false}},
    Row{ErrorCode::timestamp_ahead, {"timestamp_ahead", 422, "The timestamp lies in the future", false}},
    Row{ErrorCode::too_old, {"too_old", 422, "The reading is older than the retention", false}},
    Row{ErrorCode::unit_mismatch, {"unit_mismatch", 422, "The unit does not fit the quantity", false}},
    Row{ErrorCode::series_limit, {"series_limit", 422, "There is no room for another series", false}},
    Row{ErrorCode::quantity_limit, {"quantity_limit", 422, "There is no room for another quantity", false}},
    Row{ErrorCode::too_many_readings, {"too_many_readings", 413, "The batch has too many readings", false}},
    Row{ErrorCode::room_unknown, {"room_unknown", 404, "The room is unknown", false}},
    Row{ErrorCode::sensor_unknown, {"sensor_unknown", 404, "The sensor is not registered", false}},
    Row{ErrorCode::key_unknown, {"key_unknown", 404, "The key is unknown", false}},
    Row{ErrorCode::registration_invalid, {"registration_invalid", 422, "This cannot be registered", false}},
    Row{ErrorCode::public_key_invalid, {"public_key_invalid", 422, "The public key cannot be used", false}},
    Row{ErrorCode::directory_invalid, {"directory_invalid", 422, "The directory cannot be used", false}},
    Row{ErrorCode::backup_running, {"backup_running", 409, "A backup is being made", false}},
    Row{ErrorCode::mirror_off, {"mirror_off", 409, "There is no mirror", false}},
    Row{ErrorCode::recovering, {"recovering", 503, "The service is recovering", true}},
    Row{ErrorCode::shutting_down, {"shutting_down", 503, "The service is shutting down", true}},
    Row{ErrorCode::overloaded, {"overloaded", 503, "The service is overloaded", true}},
    Row{ErrorCode::journal_failed, {"journal_failed", 503, "The journal refuses writes", true}},
    Row{ErrorCode::journal_damaged, {"journal_damaged", 0, "The journal is damaged", false}},
    Row{ErrorCode::history_failed, {"history_failed", 503, "The history cannot be used", true}},
    Row{ErrorCode::registry_failed, {"registry_failed", 503, "The registry cannot be used", true}},
    Row{ErrorCode::disk_full, {"disk_full", 507, "The disk is full", true}},
    Row{ErrorCode::data_folder_lost, {"data_folder_lost", 503, "The data folder is not where it was", true}},
    Row{ErrorCode::clock_not_set, {"clock_not_set", 503, "The server's clock is not set", true}},
    Row{ErrorCode::internal, {"internal", 500, "The service failed", false}},
    Row{ErrorCode::usage, {"usage", 0, "The command line cannot be used", false}},
    Row{ErrorCode::startup, {"startup", 0, "The program cannot start", false}},
};

consteval bool rows_follow_the_enum() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (std::to_underlying(kRows[i].key) != i) return false;
  }
  return kRows.size() == kErrorCodes;
}
static_assert(rows_follow_the_enum());

}  // namespace

const ErrorTraits& traits(ErrorCode code) {
  const auto row = static_cast<std::size_t>(std::to_underlying(code));
  CHECK(row < kRows.size());
  return kRows[row].traits;
}

}  // namespace temperature
