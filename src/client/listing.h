#pragma once

#include <simdjson.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "client/http_client.h"

namespace temperature::client {

// A list of the service's that comes in pages.
struct Listing {
  std::string_view path;    // "/v1/rooms"
  std::string_view member;  // where the rows are in a page: "rooms"
  std::string_view what;    // what could not be done when the service refuses: "cannot list the rooms"
  std::vector<std::pair<std::string_view, std::string>> parameters = {};
};

// Asks for page after page and hands out each one's object and its rows, which are objects and valid until it returns.
// Errors: those of HttpClient, object_of() and Pages; what `take` returns ends it too.
using TakePage = std::function<Result<void>(simdjson::dom::object page, simdjson::dom::array rows)>;
Result<void> list_pages(HttpClient& client, const Listing& listing, const TakePage& take);

}  // namespace temperature::client
