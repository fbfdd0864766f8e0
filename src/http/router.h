#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/histogram.h"
#include "base/keyed_hash.h"
#include "http/message.h"

namespace temperature::http {

// What became of a route's requests. Wait-free; any thread.
struct RouteFigures {
  std::array<std::atomic<std::uint64_t>, 6> by_class{};  // [status / 100]
  Histogram duration_ns;                                 // from the whole request to the first byte of the answer
};

// Finds a request's door by its path and method. Filled once, then shared by all threads.
//
// Senders put a base address and a path together, so "//write" and "/write/" are "/write": of a path that is no
// route's, several slashes count as one and one at the end is passed over. Not so where that would make one of two
// resources: in paths that begin as one with an {id}, whose ids may have any slashes ("/v1/sensors/" is not
// "/v1/sensors"); for a route that is `exact`; and a slash that was sent as %2F is none outside of an id.
class Router {
 public:
  struct Entry {
    Route route;
    RouteFigures figures;
  };

  explicit Router(const std::vector<Route>& routes);

  struct Found {
    Entry* entry = nullptr;  // nullptr: no door; then `allow` tells why
    std::string_view allow;  // the methods of this path, for Allow; empty when there is no such path
  };
  // `encoded_slash`: as in Request.
  [[nodiscard]] Found find(Method method, std::string_view path, std::size_t encoded_slash = std::string_view::npos);
  [[nodiscard]] Found find(const Request& request) { return find(request.method, request.path, request.encoded_slash); }

  [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::string_view allow_all() const { return "GET, HEAD, POST, PUT, DELETE, OPTIONS"; }

  // Requests that reached no door.
  RouteFigures unrouted;

 private:
  struct Path {
    std::vector<Entry*> entries;
    std::string allow;
    bool exact = false;
  };
  [[nodiscard]] const Path* find_path(std::string_view path, std::size_t encoded_slash) const;
  [[nodiscard]] const Path* find_without_slashes(std::string_view path) const;

  std::deque<Entry> entries_;
  std::unordered_map<std::string_view, Path, KeyedHash> paths_;
  std::vector<std::pair<std::string_view, const Path*>> prefixes_;  // of the paths that end with "{id}"
};

std::string_view method_name(Method method);

}  // namespace temperature::http
