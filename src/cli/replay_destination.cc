#include "cli/replay_destination.h"

#include <unistd.h>

#include <iostream>

#include "client/bounds.h"
#include "client/printable.h"

namespace temperature::cli {

void declare_destination(CLI::App& command, DestinationFlags& flags) {
  declare_service(command, flags.service);
  command.add_flag("--json", flags.json, "the summary as one JSON object");
  command.add_option("--building", flags.building, "the building of readings that name none");
  command.add_option("--batch", flags.batch, "readings in a request")
      ->check(CLI::Range(std::size_t{1}, client::kBatchReadingsMax))
      ->capture_default_str();
  command.add_option("--connections", flags.connections, "connections at once; only one keeps the order")
      ->check(CLI::Range(std::size_t{1}, client::kConnectionsMax))
      ->capture_default_str();
}

Result<client::Destination> check_destination(const DestinationFlags& flags) {
  client::Destination destination;
  auto target = check_service(flags.service);
  if (!target) return std::unexpected(std::move(target.error()));
  destination.target = std::move(*target);
  destination.building = flags.building;
  destination.batch_readings = flags.batch;
  destination.connections = flags.connections;
  return destination;
}

int run_client(const std::function<int(const client::Surroundings&)>& program, bool json) {
  const SystemClock clock;
  client::SignalPause pause;
  return program({clock, pause, std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1, json});
}

int refuse(const Error& error) {
  std::cerr << "temperature-service: " << client::printable(error.detail) << '\n';
  return 1;
}

}  // namespace temperature::cli
