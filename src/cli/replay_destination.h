#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "client/bounds.h"
#include "client/run.h"

namespace temperature::cli {

// Of --retry-for: not given. Then a service that never answered is tried less long than one that did.
inline constexpr std::int64_t kRetryByItself = -1;

// What every command has in common that talks to a service: which one, and who asks.
struct ServiceFlags {
  std::string url = "http://127.0.0.1:8000";
  std::string key;
  std::string key_file;
  std::string ca_file;
  std::int64_t timeout_s = client::kRequestTimeout.count();
  std::int64_t retry_for_s = kRetryByItself;
};

void declare_service(CLI::App& command, ServiceFlags& flags);

// What the flags mean. Reads the key's file.
Result<client::HttpTarget> check_service(const ServiceFlags& flags);

// What replay and simulate have in common: where readings go, and how.
struct DestinationFlags {
  ServiceFlags service;
  std::string building;
  std::size_t batch = 1'000;
  std::size_t connections = 1;
};

void declare_destination(CLI::App& command, DestinationFlags& flags);

// What the flags mean. Reads the key's file.
Result<client::Destination> check_destination(const DestinationFlags& flags);

// Runs `program` with the machine's clock, its signals and its terminal; returns the exit code.
int run_client(const std::function<int(const client::Surroundings&)>& program);

// Says what is wrong with the command line and returns the exit code.
int refuse(const Error& error);

}  // namespace temperature::cli
