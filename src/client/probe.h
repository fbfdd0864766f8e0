#pragma once

#include <optional>
#include <string>

// Questions to an address on a connection of its own, without a key, for kProbeTimeout at most.
namespace temperature::client {

// Whether the port of `url` speaks the other of http and https: what is wrong then, as a sentence that names the
// address to use. nullopt: it does not, or gives no sign.
std::optional<std::string> other_scheme(const std::string& url);

// Whether a service answers there: /livez, which needs no credential.
bool is_alive(const std::string& url);

}  // namespace temperature::client
