#include "cli/simulate.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <vector>

#include "catalogue/catalogue.h"
#include "cli/choices.h"
#include "cli/replay_destination.h"
#include "client/bounds.h"
#include "client/simulate.h"

namespace temperature::cli {
namespace {

constexpr const char* kSimulateFooter =
    "The same seed gives the same readings at the same moments, also in another run. With --speed max the readings "
    "of --from and --duration together, up to now, go at once. One sensor in twenty has a fault: stuck, spikes, "
    "silent for a while, or repeats itself.";

constexpr Duration kStretchMax = std::chrono::hours(24 * 366 * 20);

struct SimulateFlags {
  DestinationFlags destination;
  std::uint32_t rooms = 20;
  std::uint32_t sensors_per_room = 10;
  std::uint64_t seed = 1;
  std::string interval = "1s";
  std::string duration = "0";
  std::string from = "0";
  std::string speed = "live";
  std::vector<std::string> quantities{"temperature"};
};

Result<Duration> parse_stretch(const std::string& flag, const std::string& text, Duration min) {
  const auto duration = parse_duration(text);
  if (duration && *duration >= min && *duration <= kStretchMax) return *duration;
  return failure(ErrorCode::usage, fmt::format("{} {} is no duration from {} to {} (90s, 15m, 1h, 7d)", flag, text,
                                               format_duration(min), format_duration(kStretchMax)));
}

Result<client::HouseOptions> check_house(const SimulateFlags& flags) {
  client::HouseOptions house;
  house.rooms = flags.rooms;
  house.sensors_per_room = flags.sensors_per_room;
  house.seed = flags.seed;
  if (std::size_t{house.rooms} * house.sensors_per_room > client::kSimulatedSensorsMax) {
    return failure(ErrorCode::usage, fmt::format("more than {} sensors are not simulated: {} rooms of {}",
                                                 client::kSimulatedSensorsMax, house.rooms, house.sensors_per_room));
  }
  const auto interval = parse_stretch("--interval", flags.interval, client::kSimulatedIntervalMin);
  if (!interval) return std::unexpected(interval.error());
  house.interval = *interval;
  house.quantities.clear();
  for (const std::string& name : flags.quantities) {
    const auto quantity = client::simulated_quantity(name);
    if (!quantity) {
      return failure(ErrorCode::usage,
                     fmt::format("--quantity {} is none of temperature, humidity, co2, pressure", name));
    }
    if (std::ranges::find(house.quantities, *quantity) == house.quantities.end()) house.quantities.push_back(*quantity);
  }
  return house;
}

Result<client::SimulateOptions> check(const SimulateFlags& flags) {
  client::SimulateOptions options;
  auto destination = check_destination(flags.destination);
  if (!destination) return std::unexpected(std::move(destination.error()));
  options.destination = std::move(*destination);
  auto house = check_house(flags);
  if (!house) return std::unexpected(std::move(house.error()));
  options.house = std::move(*house);
  const auto duration = parse_stretch("--duration", flags.duration, Duration(0));
  if (!duration) return std::unexpected(duration.error());
  options.duration = *duration;
  const auto from = parse_stretch("--from", flags.from, Duration(0));
  if (!from) return std::unexpected(from.error());
  options.from = *from;
  options.live = flags.speed == "live";
  if (!options.live && options.from + options.duration == Duration(0)) {
    return failure(ErrorCode::usage, "--speed max needs --from or --duration: how much to send");
  }
  return options;
}

int run(const SimulateFlags& flags) {
  const auto options = check(flags);
  if (!options) return refuse(options.error());
  return run_client([&options](const client::Surroundings& here) { return client::simulate(*options, here); },
                    flags.destination.json);
}

}  // namespace

void add_simulate(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("simulate", "send what the sensors of a made-up house read to a service");
  const auto flags = std::make_shared<SimulateFlags>();
  declare_destination(*command, flags->destination);
  command->add_option("--rooms", flags->rooms, "how many rooms")
      ->check(between(1, client::kSimulatedRoomsMax))
      ->type_name("NUMBER")
      ->capture_default_str();
  command->add_option("--sensors-per-room", flags->sensors_per_room, "how many sensors in each")
      ->check(between(1, limits::kSensorsPerRoomMax))
      ->type_name("NUMBER")
      ->capture_default_str();
  command->add_option("--interval", flags->interval, "how often each sends")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--seed", flags->seed, "what all chance follows from")
      ->type_name("NUMBER")
      ->capture_default_str();
  command->add_option("--duration", flags->duration, "how long it goes on live; 0: until it is interrupted")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--from", flags->from, "how far in the past it begins; that part goes at once")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--speed", flags->speed, "live or max")->check(one_of({"live", "max"}))->capture_default_str();
  command->add_option("--quantity", flags->quantities, "temperature, humidity, co2, pressure: one or several")
      ->delimiter(',')
      ->type_name("NAME")
      ->capture_default_str();
  command->footer(kSimulateFooter);
  command->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace temperature::cli
