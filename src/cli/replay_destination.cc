#include "cli/replay_destination.h"

#include <unistd.h>

#include <iostream>

#include "cli/choices.h"
#include "cli/usage.h"
#include "client/bounds.h"
#include "client/printable.h"

namespace temperature::cli {

void declare_destination(CLI::App& command, DestinationFlags& flags) {
  declare_service(command, flags.service);
  command.add_flag("--json", flags.json, "the summary as one JSON object");
  command.add_option("--building", flags.building, "the building of readings that name none")->type_name("NAME");
  command.add_option("--batch", flags.batch, "readings in a request")
      ->check(between(1, client::kBatchReadingsMax))
      ->type_name("NUMBER")
      ->capture_default_str();
  command.add_option("--connections", flags.connections, "connections at once; only one keeps the order")
      ->check(between(1, client::kConnectionsMax))
      ->type_name("NUMBER")
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
  return exit_code_of(error);
}

}  // namespace temperature::cli
