#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "client/bounds.h"
#include "client/http_client.h"

namespace CLI {
class App;
}

// What every command has in common that talks to a service: which one, and who asks. The only place that declares these
// flags and reads the environment that stands in for them.
namespace temperature::cli {

// Of --retry-for: not given. Then a service that never answered is tried less long than one that did.
inline constexpr std::int64_t kRetryByItself = -1;

// What the command line says; nullopt: nothing. One for each command: two that share it would overwrite each other.
struct ServiceFlags {
  std::optional<std::string> url;
  std::optional<std::string> key;
  std::optional<std::string> key_file;
  std::optional<std::string> ca_file;
  std::int64_t timeout_s = client::kRequestTimeout.count();
  std::int64_t retry_for_s = kRetryByItself;
};

// `flags` outlives the parsing.
void declare_service(CLI::App& command, ServiceFlags& flags);

// Of these --url, --ca-file and --timeout alone: for a question that needs no key and is asked once.
void declare_address(CLI::App& command, ServiceFlags& flags);

// What the flags and, where they say nothing, the environment mean; either key flag keeps the environment from saying
// anything about keys. Reads the key's file. Error usage: both key flags, or both variables; startup: a file that has
// no key.
Result<client::HttpTarget> check_service(const ServiceFlags& flags);

// The same after declare_address(): no key is read or sent, and nothing is tried again. `fallback`: the address when
// neither the flag nor the environment names one; empty: the usual one.
client::HttpTarget address_target(const ServiceFlags& flags, const std::string& fallback);

// Whether the flag or the environment names the address.
bool names_address(const ServiceFlags& flags);

// What a variable of the environment says; an empty one says nothing.
std::optional<std::string> environment_variable(const char* name);

// Names of the environment that check_service() reads.
std::vector<std::string> service_variables();

// Declares `--json`. `json` outlives the parsing.
void declare_json(CLI::App& command, bool& json);

// Whether what a command prints is for a person: standard output is a terminal, and nobody asked for JSON.
bool for_a_person(bool json);

}  // namespace temperature::cli
