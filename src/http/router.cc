#include "http/router.h"

#include <algorithm>

namespace temperature::http {
namespace {

constexpr std::string_view kId = "{id}";

bool serves(Method route, Method asked) {
  return route == asked || (route == Method::get && asked == Method::head);
}

}  // namespace

Router::Router(const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    Entry& entry = entries_.emplace_back();
    entry.route = route;
    Path& path = paths_[entry.route.path];
    path.entries.push_back(&entry);
    path.exact = path.exact || route.exact;
    path.allow += method_name(route.method);
    path.allow += route.method == Method::get ? ", HEAD, " : ", ";
  }
  for (auto& [name, path] : paths_) {
    path.allow += "OPTIONS";
    if (name.ends_with(kId)) prefixes_.emplace_back(name.substr(0, name.size() - kId.size()), &path);
  }
}

const Router::Path* Router::find_path(std::string_view path, std::size_t encoded_slash) const {
  const bool plain = encoded_slash == std::string_view::npos;
  if (const auto known = plain ? paths_.find(path) : paths_.end(); known != paths_.end()) return &known->second;
  for (const auto& [prefix, its] : prefixes_) {
    if (path.size() > prefix.size() && path.starts_with(prefix) && encoded_slash >= prefix.size()) return its;
  }
  return plain ? find_without_slashes(path) : nullptr;
}

// The path that is meant by one with slashes too many; nullptr: there is none.
const Router::Path* Router::find_without_slashes(std::string_view path) const {
  if (!path.ends_with('/') && !path.contains("//")) return nullptr;
  std::string joined(path);
  const auto repeated = std::ranges::unique(joined, [](char one, char other) { return one == '/' && other == '/'; });
  joined.erase(repeated.begin(), repeated.end());
  const auto begins_so = [&joined](const auto& prefix) { return joined.starts_with(prefix.first); };
  if (std::ranges::any_of(prefixes_, begins_so)) return nullptr;
  if (joined.size() > 1 && joined.ends_with('/')) joined.pop_back();
  const auto known = paths_.find(joined);
  return known == paths_.end() || known->second.exact ? nullptr : &known->second;
}

Router::Found Router::find(Method method, std::string_view path, std::size_t encoded_slash) {
  const Path* known = find_path(path, encoded_slash);
  if (known == nullptr) return {};
  for (Entry* entry : known->entries) {
    if (serves(entry->route.method, method)) return {entry, known->allow};
  }
  return {nullptr, known->allow};
}

std::string_view method_name(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::delete_:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      return "other";
  }
  return "other";
}

}  // namespace temperature::http
