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
#include "http/message.h"

namespace temperature::http {

// What became of a route's requests. Wait-free; any thread.
struct RouteFigures {
  std::array<std::atomic<std::uint64_t>, 6> by_class{};  // [status / 100]
  Histogram duration_ns;                                 // from the whole request to the first byte of the answer
};

// Finds a request's door by its path and method. Filled once, then shared by all threads.
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
  [[nodiscard]] Found find(Method method, std::string_view path);

  [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::string_view allow_all() const { return "GET, HEAD, POST, PUT, DELETE, OPTIONS"; }

  // Requests that reached no door.
  RouteFigures unrouted;

 private:
  struct Path {
    std::vector<Entry*> entries;
    std::string allow;
  };
  [[nodiscard]] const Path* find_path(std::string_view path) const;

  std::deque<Entry> entries_;
  std::unordered_map<std::string_view, Path> paths_;
  std::vector<std::pair<std::string_view, const Path*>> prefixes_;  // of the paths that end with "{id}"
};

std::string_view method_name(Method method);

}  // namespace temperature::http
