#include "client/listing.h"

#include <fmt/format.h>

#include "client/pages.h"
#include "client/problem.h"

namespace temperature::client {

Result<void> list_pages(HttpClient& client, const Listing& listing, const TakePage& take) {
  simdjson::dom::parser parser;
  Pages pages;
  while (true) {
    auto parameters = listing.parameters;
    if (!pages.cursor().empty()) parameters.emplace_back("cursor", pages.cursor());
    const auto answer = client.request("GET", address(listing.path, parameters), "");
    if (!answer) return std::unexpected(answer.error());
    const auto page = object_of(parser, *answer, listing.what);
    if (!page) return std::unexpected(page.error());
    simdjson::dom::array rows;
    if ((*page)[listing.member].get(rows) != simdjson::SUCCESS) {
      return not_understood(fmt::format("it has no \"{}\"", listing.member));
    }
    for (const simdjson::dom::element row : rows) {
      if (!row.is_object()) return not_understood(fmt::format("one of its \"{}\" is no object", listing.member));
    }
    if (auto taken = take(*page, rows); !taken) return taken;
    const auto more = pages.turn(*page, rows.size());
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

}  // namespace temperature::client
