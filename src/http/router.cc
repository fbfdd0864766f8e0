#include "http/router.h"

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
    path.allow += method_name(route.method);
    path.allow += route.method == Method::get ? ", HEAD, " : ", ";
  }
  for (auto& [name, path] : paths_) {
    path.allow += "OPTIONS";
    if (name.ends_with(kId)) prefixes_.emplace_back(name.substr(0, name.size() - kId.size()), &path);
  }
}

const Router::Path* Router::find_path(std::string_view path) const {
  if (const auto known = paths_.find(path); known != paths_.end()) return &known->second;
  for (const auto& [prefix, its] : prefixes_) {
    if (path.size() > prefix.size() && path.starts_with(prefix)) return its;
  }
  return nullptr;
}

Router::Found Router::find(Method method, std::string_view path) {
  const Path* known = find_path(path);
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
