#include "config/environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "base/nearest.h"
#include "base/utf8.h"

namespace temperature::config {
namespace {

constexpr std::string_view kOurs = "TEMPERATURE_";
constexpr std::string_view kOfKubernetes = "TEMPERATURE_SERVICE_";

}  // namespace

std::vector<std::string> variables_of(CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_envname().empty()) names.push_back(option->get_envname());
  }
  for (CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
    for (std::string& name : variables_of(*below)) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::unique(names);
  names.erase(twice.begin(), twice.end());
  return names;
}

std::vector<std::string> unknown_variables(std::span<const char* const> environment,
                                           std::span<const std::string> known) {
  std::vector<std::string> said;
  for (const std::string_view each : environment) {
    const std::string_view name = each.substr(0, each.find('='));
    if (!name.starts_with(kOurs) || name.starts_with(kOfKubernetes)) continue;
    if (std::ranges::find(known, name) != known.end()) continue;
    said.push_back(
        fmt::format("the environment has {}, which means nothing here; did you mean {}?", name, nearest(name, known)));
  }
  std::ranges::sort(said);
  return said;
}

std::string variable_of(std::span<const char* const> environment, std::string_view name) {
  for (const std::string_view each : environment) {
    if (each.starts_with(name) && each.substr(name.size()).starts_with('=')) {
      return std::string(each.substr(name.size() + 1));
    }
  }
  return {};
}

Result<void> apply_sentry_variables(std::span<const char* const> environment, Flags& flags) {
  const std::string dsn = variable_of(environment, "SENTRY_DSN");
  if (!dsn.empty() && !flags.sentry_dsn.empty() && dsn != flags.sentry_dsn) {
    return failure(ErrorCode::usage,
                   "SENTRY_DSN and --sentry-dsn (TEMPERATURE_SENTRY_DSN) differ: give one, or the same twice");
  }
  if (!dsn.empty()) flags.sentry_dsn = dsn;
  flags.sentry_environment = variable_of(environment, "SENTRY_ENVIRONMENT");
  flags.sentry_release = variable_of(environment, "SENTRY_RELEASE");
  return {};
}

std::span<const char* const> process_environment() {
  std::size_t count = 0;
  while (::environ != nullptr && ::environ[count] != nullptr) ++count;
  return {::environ, count};
}

}  // namespace temperature::config
