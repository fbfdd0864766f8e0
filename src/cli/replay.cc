#include "cli/replay.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <optional>

#include "cli/replay_destination.h"
#include "client/bounds.h"
#include "client/replay.h"

namespace temperature::cli {
namespace {

constexpr const char* kReplayFooter =
    "The file is CSV with a header (plain or gzip): timestamp,room_id,sensor_id,quantity,value in any order, and "
    "building and unit where there are. Timestamps are RFC 3339 or epoch milliseconds. With --rebase the last reading "
    "is of now: at once with --speed max; with --speed 1 the file goes on from now as if it happened again.\n"
    "Exit code 1 when a reading was refused; the others are stored.";

struct ReplayFlags {
  DestinationFlags destination;
  std::string file;
  std::string speed = "max";
  bool rebase = false;
};

// nullopt inside: as fast as it goes.
Result<std::optional<double>> parse_speed(const std::string& text) {
  if (text == "max") return std::optional<double>();
  double speed = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), speed);
  if (problem != std::errc() || end != text.data() + text.size() || !(speed >= client::kSpeedMin) ||
      !(speed <= client::kSpeedMax)) {
    return failure(ErrorCode::usage, fmt::format("--speed {} is neither max nor a number from {} to {}", text,
                                                 client::kSpeedMin, client::kSpeedMax));
  }
  return std::optional(speed);
}

int run(const ReplayFlags& flags) {
  client::ReplayOptions options;
  auto destination = check_destination(flags.destination);
  if (!destination) return refuse(destination.error());
  const auto speed = parse_speed(flags.speed);
  if (!speed) return refuse(speed.error());
  options.destination = std::move(*destination);
  options.path = flags.file;
  options.speed = *speed;
  options.rebase = flags.rebase;
  return run_client([&options](const client::Surroundings& here) { return client::replay(options, here); },
                    flags.destination.json);
}

}  // namespace

void add_replay(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("replay", "send the readings of a CSV file to a service");
  const auto flags = std::make_shared<ReplayFlags>();
  command->add_option("FILE", flags->file, "the file; - is standard input")->required();
  declare_destination(*command, flags->destination);
  command->add_option("--speed", flags->speed, "times real time, by the file's timestamps, or max")
      ->type_name("SPEED")
      ->capture_default_str();
  command->add_flag("--rebase", flags->rebase, "move all times so that the last reading is of now");
  command->footer(kReplayFooter);
  command->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace temperature::cli
