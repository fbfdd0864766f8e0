#include "cli/registry_service.h"

#include <fmt/format.h>

#include "base/json_text.h"
#include "cli/registry.h"
#include "client/printable.h"
#include "client/problem.h"

namespace temperature::cli {

Result<std::unique_ptr<RegistryService>> RegistryService::connect(const ServiceFlags& flags) {
  auto target = check_service(flags);
  if (!target) return std::unexpected(std::move(target.error()));
  std::unique_ptr<RegistryService> service(new RegistryService);
  auto client = client::HttpClient::create(std::move(*target), service->pause_);
  if (!client) return std::unexpected(std::move(client.error()));
  service->client_ = std::move(*client);
  return service;
}

Result<client::HttpAnswer> RegistryService::ask(std::string_view method, std::string_view path,
                                                const std::string& body) {
  return client_->request(method, path, body);
}

Result<simdjson::dom::object> RegistryService::ask_for_object(std::string_view what, std::string_view method,
                                                              std::string_view path, const std::string& body) {
  const auto answer = ask(method, path, body);
  if (!answer) return std::unexpected(answer.error());
  return client::object_of(parser_, *answer, what);
}

Result<void> RegistryService::remove(std::string_view what, std::string_view path, ErrorCode unknown) {
  const auto answer = ask("DELETE", path);
  if (!answer) return std::unexpected(answer.error());
  if (answer->status == 204) return {};
  if (answer->status / 100 == 2) {
    return client::not_understood(fmt::format("its status is {} where 204 says that it is done", answer->status));
  }
  Error problem = client::problem_of(*answer, what);
  if (client::is_refused_with(*answer, unknown)) problem.code = unknown;
  return std::unexpected(std::move(problem));
}

Result<void> RegistryService::list(const client::Listing& listing, const client::TakePage& take) {
  return client::list_pages(*client_, listing, [&](simdjson::dom::object page, simdjson::dom::array rows) {
    if (pause_.interrupted()) return Result<void>(failure(ErrorCode::startup, "interrupted"));
    return take(page, rows);
  });
}

void print_json(simdjson::dom::element json) {
  fmt::print("{}\n", client::printable_json(simdjson::minify(json)));
}

void print_json(simdjson::dom::object json) {
  fmt::print("{}\n", client::printable_json(simdjson::minify(json)));
}

int print_revoked(std::string_view what, const std::string& id, const std::string& name, bool json) {
  if (json) {
    std::string line = fmt::format(R"({{"revoked":"{}","id":)", what);
    append_json_string(line, id);
    fmt::print("{}}}\n", client::printable_json(line));
  } else if (for_a_person(json)) {
    fmt::print("revoked {} {}{}\n", what, client::printable(id),
               name.empty() ? "" : fmt::format(" ({})", client::printable(name)));
  }
  return 0;
}

}  // namespace temperature::cli
