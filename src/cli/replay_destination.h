#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/error.h"
#include "cli/service_flags.h"
#include "client/run.h"

namespace temperature::cli {

// What replay and simulate have in common: where readings go, and how.
struct DestinationFlags {
  ServiceFlags service;
  std::string building;
  std::size_t batch = 1'000;
  std::size_t connections = 1;
  bool json = false;
};

void declare_destination(CLI::App& command, DestinationFlags& flags);

// What the flags mean. Reads the key's file.
Result<client::Destination> check_destination(const DestinationFlags& flags);

// Runs `program` with the machine's clock, its signals and its terminal; returns the exit code.
int run_client(const std::function<int(const client::Surroundings&)>& program, bool json = false);

// Says what is wrong with the command line and returns the exit code.
int refuse(const Error& error);

}  // namespace temperature::cli
