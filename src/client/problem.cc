#include "client/problem.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "client/printable.h"

namespace temperature::client {
namespace {

constexpr std::size_t kForeignBytesMax = 300;  // of an answer that is not ours, which are shown
constexpr std::string_view kJson = "application/json";

bool stays(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

}  // namespace

std::string address(std::string_view path, const std::vector<std::pair<std::string_view, std::string>>& parameters) {
  std::string text(path);
  char before = '?';
  for (const auto& [name, value] : parameters) {
    text.push_back(std::exchange(before, '&'));
    text += name;
    text.push_back('=');
    for (const char c : value) {
      if (stays(c)) {
        text.push_back(c);
      } else {
        text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
      }
    }
  }
  return text;
}

std::string explanation_of(const simdjson::dom::element* json, std::string_view body) {
  if (json != nullptr) {
    const std::string_view detail = text_at(*json, "detail");
    const std::string_view title = text_at(*json, "title");
    if (!detail.empty()) return printable(detail);
    if (!title.empty()) return printable(title);
    if (json->is_object() || json->is_array()) return "no explanation";
  }
  if (body.size() > kForeignBytesMax || !valid_utf8(body) || has_control_characters(body)) return "no explanation";
  return printable(body);
}

std::unexpected<Error> not_understood(std::string_view what) {
  return failure(ErrorCode::malformed_body,
                 fmt::format("cannot understand the answer of the service: {}; is this a temperature-service?", what));
}

Result<simdjson::dom::object> object_of(simdjson::dom::parser& parser, const HttpAnswer& answer,
                                        std::string_view what) {
  if (answer.status / 100 != 2) return std::unexpected(problem_of(answer, what));
  if (answer.content_type != kJson) {
    return not_understood(answer.content_type.empty()
                              ? fmt::format("its type is not said, and should be {}", kJson)
                              : fmt::format("its type is {}, not {}", answer.content_type, kJson));
  }
  simdjson::dom::element document;
  simdjson::dom::object object;
  if (parser.parse(answer.body).get(document) != simdjson::SUCCESS) return not_understood("it is no JSON");
  if (document.get(object) != simdjson::SUCCESS) return not_understood("it is no JSON object");
  return object;
}

Result<std::string> name_at(simdjson::dom::element object, std::string_view member) {
  const std::string_view text = text_at(object, member);
  if (text.empty()) return not_understood(fmt::format("\"{}\" is no text in it", member));
  return std::string(text);
}

Error problem_of(const HttpAnswer& answer, std::string_view what) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  const bool is_json = parser.parse(answer.body).get(document) == simdjson::SUCCESS;
  const std::string_view hint = answer.status == 401 ? " (give a key with --key or --key-file)" : "";
  const bool of_flags =
      answer.status == 400 && is_json && text_at(document, "code") == traits(ErrorCode::parameter_invalid).code;
  return {of_flags ? ErrorCode::parameter_invalid : ErrorCode::malformed_request,
          fmt::format("{}: {} {}{}", what, answer.status, explanation_of(is_json ? &document : nullptr, answer.body),
                      hint)};
}

bool is_refused_with(const HttpAnswer& answer, ErrorCode code) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  return answer.status == traits(code).http_status && parser.parse(answer.body).get(document) == simdjson::SUCCESS &&
         text_at(document, "code") == traits(code).code;
}

std::string_view text_at(simdjson::dom::element object, std::string_view member) {
  std::string_view text;
  if (object[member].get(text) != simdjson::SUCCESS) return {};
  return text;
}

std::string_view text_at(simdjson::dom::object object, std::string_view member) {
  std::string_view text;
  if (object[member].get(text) != simdjson::SUCCESS) return {};
  return text;
}

std::optional<double> value_at(simdjson::dom::element object, std::string_view line) {
  double value = 0;
  if (object["value"].get_double().get(value) != simdjson::SUCCESS) return std::nullopt;
  return value == 0 && line.find(R"("value":-)") != std::string_view::npos ? -0.0 : value;
}

}  // namespace temperature::client
