#include "cli/replay_destination.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "base/sizes.h"
#include "client/bounds.h"
#include "client/printable.h"

namespace temperature::cli {
namespace {

constexpr std::size_t kKeyBytesMax = 16 * limits::kKiB;

Result<std::string> read_key(const std::string& path) {
  std::ifstream file(path);
  std::string key(kKeyBytesMax + 1, '\0');
  file.read(key.data(), static_cast<std::streamsize>(key.size()));
  key.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.eof() || key.empty()) {
    return failure(ErrorCode::startup, fmt::format("cannot read a key from {}", path));
  }
  while (key.ends_with('\n') || key.ends_with('\r') || key.ends_with(' ')) key.pop_back();
  return key;
}

}  // namespace

void declare_service(CLI::App& command, ServiceFlags& flags) {
  command.add_option("--url", flags.url, "the service's address")->envname("TEMPERATURE_URL")->capture_default_str();
  command.add_option("--key", flags.key, "the key to send (better: --key-file)")->envname("TEMPERATURE_KEY");
  command.add_option("--key-file", flags.key_file, "a file with that key")->envname("TEMPERATURE_KEY_FILE");
  command.add_option("--ca-file", flags.ca_file, "certificates (PEM) to trust instead of the system's")
      ->envname("TEMPERATURE_CA_FILE");
  const auto most = client::kTimeoutMax.count();
  command.add_option("--timeout", flags.timeout_s, "seconds in which a request must be answered")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{most}))
      ->capture_default_str();
  command
      .add_option("--retry-for", flags.retry_for_s,
                  "seconds for which a request that failed is tried again; 0: not at all")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{most}))
      ->capture_default_str();
}

void declare_destination(CLI::App& command, DestinationFlags& flags) {
  declare_service(command, flags.service);
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

Result<client::HttpTarget> check_service(const ServiceFlags& flags) {
  client::HttpTarget target{flags.url, flags.key, flags.ca_file, std::chrono::seconds(flags.timeout_s),
                            std::chrono::seconds(flags.retry_for_s)};
  if (flags.key_file.empty()) return target;
  if (!flags.key.empty()) {
    return failure(ErrorCode::startup, "give --key or --key-file (TEMPERATURE_KEY, TEMPERATURE_KEY_FILE), not both");
  }
  auto key = read_key(flags.key_file);
  if (!key) return std::unexpected(std::move(key.error()));
  target.key = std::move(*key);
  return target;
}

int run_client(const std::function<int(const client::Surroundings&)>& program) {
  const SystemClock clock;
  client::SignalPause pause;
  return program({clock, pause, std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1});
}

int refuse(const Error& error) {
  std::cerr << "temperature-service: " << client::printable(error.detail) << '\n';
  return 1;
}

}  // namespace temperature::cli
