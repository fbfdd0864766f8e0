#pragma once

#include <simdjson.h>

#include <memory>
#include <string>
#include <string_view>

#include "cli/service_flags.h"
#include "client/http_client.h"
#include "client/listing.h"
#include "client/pause.h"

namespace temperature::cli {

// A service's registry, as the commands `sensor` and `key` ask for it over one connection. One thread.
class RegistryService {
 public:
  // Error startup: the flags cannot be used.
  static Result<std::unique_ptr<RegistryService>> connect(const ServiceFlags& flags);

  // What the service answers. Error startup: it does not.
  Result<client::HttpAnswer> ask(std::string_view method, std::string_view path, const std::string& body = {});

  // The object that a success is, valid until the next question. `what` could not be done otherwise.
  Result<simdjson::dom::object> ask_for_object(std::string_view what, std::string_view method, std::string_view path,
                                               const std::string& body = {});

  // Has something removed. Errors: key_unknown or sensor_unknown as `unknown` says, or why it was not done.
  Result<void> remove(std::string_view what, std::string_view path, ErrorCode unknown);

  Result<void> list(const client::Listing& listing, const client::TakePage& take);

 private:
  RegistryService() = default;

  client::SignalPause pause_;
  std::unique_ptr<client::HttpClient> client_;
  simdjson::dom::parser parser_;
};

// Prints JSON that the service sent as one line that a terminal may get.
void print_json(simdjson::dom::element json);
void print_json(simdjson::dom::object json);

}  // namespace temperature::cli
