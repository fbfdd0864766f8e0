#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace temperature {

// Everything that can go wrong for a client, a disk or a network. The table in error.cc gives each
// its code, HTTP status and title; the code is also the metric label and is stable.
enum class ErrorCode : std::uint8_t {
  // A request as a whole.
  malformed_json,
  malformed_body,
  malformed_line,
  body_too_large,
  headers_too_large,
  malformed_request,
  length_required,
  unsupported_transfer_coding,
  unsupported_media_type,
  unsupported_encoding,
  request_timeout,
  not_found,
  method_not_allowed,
  parameter_missing,
  parameter_invalid,
  parameter_unknown,
  nothing_admissible,
  credential_missing,
  credential_invalid,
  credential_expired,
  forbidden,
  forbidden_sensor,
  forbidden_building,
  forbidden_room,
  forbidden_quantity,
  forbidden_host,
  forbidden_origin,
  rate_limited,

  // One reading of a batch.
  field_missing,
  field_type,
  field_repeated,
  field_unknown,
  room_missing,
  sensor_missing,
  id_invalid,
  value_invalid,
  out_of_range,
  temperature_out_of_range,
  timestamp_invalid,
  timestamp_too_old,
  timestamp_ahead,
  too_old,
  unit_mismatch,
  series_limit,
  quantity_limit,
  too_many_readings,

  // A look-up.
  room_unknown,
  sensor_unknown,
  key_unknown,

  // What an administrator sends.
  registration_invalid,
  public_key_invalid,

  // A backup.
  directory_invalid,
  backup_running,

  // The mirror in a database.
  mirror_off,

  // The service itself.
  recovering,
  shutting_down,
  overloaded,
  journal_failed,
  journal_damaged,
  history_failed,
  registry_failed,
  disk_full,
  data_folder_lost,
  clock_not_set,
  internal,

  // Start-up and the command line: the words of it (exit code 2), and the rest (exit code 1).
  usage,
  startup,
};

inline constexpr std::size_t kErrorCodes = static_cast<std::size_t>(ErrorCode::startup) + 1;

struct ErrorTraits {
  std::string_view code;   // stable: clients and metrics use it
  int http_status;         // 0 where the error never reaches a client
  std::string_view title;  // RFC 9457 "title"
  bool retry;              // a passing trouble: the answer carries Retry-After
};

// The row of `code`. Lifetime: static.
const ErrorTraits& traits(ErrorCode code);

// A failure: which one, and one sentence that says what could not be done, why, and what to do.
struct [[nodiscard]] Error {
  ErrorCode code;
  std::string detail;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> failure(ErrorCode code, std::string detail) {
  return std::unexpected(Error{code, std::move(detail)});
}

}  // namespace temperature
