#include "cli/replay_destination.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <mutex>

#include "base/sizes.h"
#include "cli/choices.h"
#include "cli/usage.h"
#include "client/bounds.h"
#include "client/printable.h"

namespace temperature::cli {
namespace {

constexpr std::size_t kKeyBytesMax = 16 * limits::kKiB;
constexpr std::chrono::seconds kSayAgain{10};

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

// Of several connections that wait for the same, one says so.
void say_once(const std::string& text) {
  static std::mutex mutex;
  static std::string last;
  static std::chrono::steady_clock::time_point last_said;
  const std::lock_guard lock(mutex);
  const auto now = std::chrono::steady_clock::now();
  if (text == last && now - last_said < kSayAgain) return;
  last = text;
  last_said = now;
  const bool terminal = ::isatty(STDERR_FILENO) == 1;  // there the line may be one of progress
  std::cerr << fmt::format("{}temperature-service: {}\n", terminal ? "\r\x1b[K" : "", client::printable(text))
            << std::flush;
}

}  // namespace

void declare_service(CLI::App& command, ServiceFlags& flags) {
  command.add_option("--url", flags.url, "the service's address")
      ->type_name("URL")
      ->envname("TEMPERATURE_URL")
      ->capture_default_str();
  command.add_option("--key", flags.key, "the key to send (better: --key-file)")
      ->type_name("KEY")
      ->envname("TEMPERATURE_KEY");
  command.add_option("--key-file", flags.key_file, "a file with that key")
      ->type_name("FILE")
      ->envname("TEMPERATURE_KEY_FILE");
  command.add_option("--ca-file", flags.ca_file, "certificates (PEM) to trust instead of the system's")
      ->type_name("FILE")
      ->envname("TEMPERATURE_CA_FILE");
  const auto most = static_cast<std::uint64_t>(client::kTimeoutMax.count());
  command.add_option("--timeout", flags.timeout_s, "seconds in which a request must be answered")
      ->check(between(1, most))
      ->type_name("SECONDS")
      ->capture_default_str();
  command
      .add_option(
          "--retry-for", flags.retry_for_s,
          fmt::format("seconds for which a request that failed is tried again, 0: not at all; without it {} "
                      "until the service answered, {} afterwards",
                      client::kReachMax / std::chrono::seconds(1), client::kSilenceMax / std::chrono::seconds(1)))
      ->check(between(0, most))
      ->type_name("SECONDS");
}

void declare_destination(CLI::App& command, DestinationFlags& flags) {
  declare_service(command, flags.service);
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

Result<client::HttpTarget> check_service(const ServiceFlags& flags) {
  client::HttpTarget target{flags.url, flags.key, flags.ca_file, std::chrono::seconds(flags.timeout_s)};
  if (flags.retry_for_s != kRetryByItself) {
    target.retry_for = target.reach_for = std::chrono::seconds(flags.retry_for_s);
  }
  target.say = say_once;
  if (flags.key_file.empty()) return target;
  if (!flags.key.empty()) {
    return failure(ErrorCode::usage, "give --key or --key-file (TEMPERATURE_KEY, TEMPERATURE_KEY_FILE), not both");
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
  return exit_code_of(error);
}

}  // namespace temperature::cli
