#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "cli/service_flags.h"

namespace temperature::cli {

// A command below `group` that asks a service: with flags of its own, which has members `service` and `json`. `flags`
// becomes those, to declare the rest; `chosen` becomes what it runs, and outlives the parsing.
template <class Flags>
CLI::App* add_group_command(CLI::App& group, std::string name, std::string help, Flags*& flags,
                            std::function<int()>& chosen, int (*run)(const Flags&)) {
  CLI::App* command = group.add_subcommand(std::move(name), std::move(help));
  const auto its = std::make_shared<Flags>();
  flags = its.get();
  declare_service(*command, its->service);
  declare_json(*command, its->json);
  command->callback([its, &chosen, run] { chosen = [its, run] { return run(*its); }; });
  return command;
}

}  // namespace temperature::cli
