#include "client/problem.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"

namespace temperature::client {
namespace {

constexpr std::size_t kShownBytesMax = 300;  // of an answer that is not ours

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

Error problem_of(const HttpAnswer& answer, std::string_view what) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string said;
  if (parser.parse(answer.body).get(document) == simdjson::SUCCESS && document.is_object()) {
    said = text_at(document, "detail");
    if (said.empty()) said = text_at(document, "title");
  } else if (answer.body.size() <= kShownBytesMax && valid_utf8(answer.body) && !has_control_characters(answer.body)) {
    said = answer.body;
  }
  const std::string_view hint = answer.status == 401 ? " (give a key with --key or --key-file)" : "";
  return {ErrorCode::malformed_request,
          fmt::format("{}: {} {}{}", what, answer.status, said.empty() ? "no explanation" : said, hint)};
}

std::string_view text_at(simdjson::dom::element object, std::string_view member) {
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
