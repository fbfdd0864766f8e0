#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/http_client.h"

// Questions to the service and its answers, in words.
namespace temperature::client {

// A path with a query, percent-encoded.
std::string address(std::string_view path, const std::vector<std::pair<std::string_view, std::string>>& parameters);

// What a problem (RFC 9457), or whatever else came, says in words. `json`: the body, read; nullptr when it is none.
std::string explanation_of(const simdjson::dom::element* json, std::string_view body);

// An answer that no temperature-service gives: why, and the question whether there is one. Error malformed_body.
std::unexpected<Error> not_understood(std::string_view what);

// The object that a success's body is. Error problem_of(): no success; `what` could not be done, and why.
// Error malformed_body: the body is of another type, or no object.
Result<simdjson::dom::object> object_of(simdjson::dom::parser& parser, const HttpAnswer& answer, std::string_view what);

// The text of a member that an object must have: not empty. Error malformed_body.
Result<std::string> name_at(simdjson::dom::element object, std::string_view member);

// What an answer that is no success says: "WHAT: 404 The room is unknown". Error parameter_invalid where the service
// said so: what was asked came from flags; else malformed_request.
Error problem_of(const HttpAnswer& answer, std::string_view what);

// Whether a temperature-service refused with this code, and not whoever has nothing at this address.
bool is_refused_with(const HttpAnswer& answer, ErrorCode code);

// A member's text; empty when it has none.
std::string_view text_at(simdjson::dom::element object, std::string_view member);
std::string_view text_at(simdjson::dom::object object, std::string_view member);

// The member "value" of an object that was read from `line`; nullopt when it has none. "-0" is a whole number to
// simdjson, and those have no sign.
std::optional<double> value_at(simdjson::dom::element object, std::string_view line);

}  // namespace temperature::client
