#include "ingest/json_fault.h"

#include <algorithm>
#include <string>

#include "base/epoch.h"
#include "base/time.h"
#include "base/utf8.h"
#include "ingest/json_scalar.h"

namespace temperature::ingest {
namespace {

constexpr std::size_t kQuotedBytesMax = 64;  // of a client's text in an error

// The beginning of a client's text, cut between two characters.
std::string_view quotable(std::string_view text) {
  return utf8_prefix(text, kQuotedBytesMax);
}

std::string in_quotes_cut(std::string_view text) {
  return std::string("\"").append(quotable(text)).append("\"");
}

Error wrong_type(const JsonFault& fault, std::string detail) {
  const bool as_text = fault.shown == JsonFault::Found::text;
  if (fault.field == Field::timestamp) {
    detail.append("must be whole milliseconds since 1970 or an RFC 3339 string, not ").append(quotable(fault.found));
    if (as_text && may_be_seconds(read_json_number(fault.found).value)) detail += " (it looks like seconds)";
    return {fault.code, std::move(detail)};
  }
  detail.append(fault.field == Field::value ? "must be a number, not " : "must be a string, not ");
  return {fault.code, detail.append(as_text ? in_quotes_cut(fault.found) : std::string(fault.found))};
}

}  // namespace

Error error_of(const JsonFault& fault) {
  if (fault.code == ErrorCode::field_unknown) {
    std::string detail = "field " + in_quotes_cut(fault.name);
    if (fault.field == Field::unknown) return {fault.code, detail + " is not known"};
    return {fault.code, detail.append(" is not taken as the ").append(name_of(fault.field)) +
                            ", for its meaning is not sure: send \"" + std::string(name_of(fault.field)) + "\""};
  }
  std::string detail = "field " + in_quotes_cut(fault.name.empty() ? name_of(fault.field) : fault.name) + " ";
  if (!fault.name.empty() && fault.code != ErrorCode::field_repeated) {
    detail.append("(").append(name_of(fault.field)).append(") ");
  }
  switch (fault.code) {
    case ErrorCode::field_missing:
      return {fault.code, detail + "is missing"};
    case ErrorCode::field_repeated:
      if (fault.other_name.empty()) return {fault.code, detail + "stands twice"};
      return {fault.code, detail.append("and field ") + in_quotes_cut(fault.other_name) + " both mean the " +
                              std::string(name_of(fault.field)) + ", and have different values"};
    case ErrorCode::value_invalid:
      detail += is_not_finite(fault.found) ? "is not a finite number: " : "is too large for a double: ";
      return {fault.code, detail.append(quotable(fault.found))};
    case ErrorCode::timestamp_invalid:
      detail.append(text_of(read_time(fault.found).fault == TimeFault::none ? TimeFault::not_a_time
                                                                            : read_time(fault.found).fault));
      return {fault.code, detail.append(": ").append(quotable(fault.found))};
    default:
      return wrong_type(fault, std::move(detail));
  }
}

std::string_view kind_of_json(char first) {
  switch (first) {
    case '"':
      return "a string";
    case '{':
      return "an object";
    case '[':
      return "an array";
    case 't':
    case 'f':
      return "a boolean";
    case 'n':
      return "null";
    default:
      return "a number";
  }
}

}  // namespace temperature::ingest
