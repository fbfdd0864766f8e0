#include "cli/mirror_orders.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "cli/choices.h"
#include "cli/database_flags.h"
#include "cli/group_command.h"
#include "cli/replay_destination.h"
#include "cli/usage.h"
#include "client/mirror_adoption.h"
#include "client/mirror_orders.h"

// `mirror status`, `mirror resync`, `mirror adopt`, `mirror replace`.
namespace temperature::cli {
namespace {

constexpr const char* kAdoptFooter =
    "For a service whose database is ahead of it, because its data folder was restored from an older backup: it gets "
    "the readings that the database has and it has not. Then the database is written anew with what it has. A reading "
    "that has another value in the service ends it before that: nothing of the database is lost.";

struct StatusFlags {
  ServiceFlags service;
  bool json = false;
};

struct ResyncFlags {
  ServiceFlags service;
  bool json = false;
  std::string from;
  std::string to;
};

struct ReplaceFlags {
  ServiceFlags service;
  bool json = false;
  bool yes = false;
};

struct AdoptFlags {
  ServiceFlags service;
  bool json = false;
  config::DatabaseFlags database;
};

int status(const StatusFlags& flags) {
  auto target = check_service(flags.service);
  if (!target) return refuse(target.error());
  return run_client([&](const client::Surroundings& here) { return client::show_mirror(*target, here); }, flags.json);
}

int resync(const ResyncFlags& flags) {
  auto target = check_service(flags.service);
  if (!target) return refuse(target.error());
  const auto from = optional_time("--from", flags.from);
  if (!from) return refuse(from.error());
  const auto to = optional_time("--to", flags.to);
  if (!to) return refuse(to.error());
  return run_client(
      [&](const client::Surroundings& here) { return client::resync_mirror(*target, **from, **to, here); }, flags.json);
}

// What only the database has is lost: on a terminal somebody is asked.
bool may_replace(const ReplaceFlags& flags) {
  if (flags.yes) return true;
  if (::isatty(STDIN_FILENO) != 1) {
    std::cerr << "mirror replace removes every reading from the database before it writes it anew: say --yes\n";
    return false;
  }
  std::cerr << "Every reading in the database is removed, and it is written anew. Go on? [y/N] " << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "yes");
}

int replace(const ReplaceFlags& flags) {
  auto target = check_service(flags.service);
  if (!target) return refuse(target.error());
  if (!may_replace(flags)) return kExitUsage;
  return run_client([&](const client::Surroundings& here) { return client::replace_mirror(*target, here); },
                    flags.json);
}

int adopt(const AdoptFlags& flags) {
  auto target = check_service(flags.service);
  if (!target) return refuse(target.error());
  const auto url = check_database(flags.database);
  if (!url) return refuse(url.error());
  client::Destination destination;
  destination.target = std::move(*target);
  return run_client([&](const client::Surroundings& here) { return client::adopt_mirror(*url, destination, here); },
                    flags.json);
}

}  // namespace

void add_mirror_orders(CLI::App& group, std::function<int()>& chosen) {
  StatusFlags* of_status = nullptr;
  add_group_command(group, "status", "show how a service's copy in a database is doing", of_status, chosen, &status);
  ResyncFlags* of_resync = nullptr;
  CLI::App* command =
      add_group_command(group, "resync", "write a range of time to the database anew", of_resync, chosen, &resync);
  command->add_option("--from", of_resync->from, "from this moment on")->required()->type_name("TIME");
  command->add_option("--to", of_resync->to, "up to this moment")->required()->type_name("TIME");
  AdoptFlags* of_adopt = nullptr;
  command = add_group_command(group, "adopt", "take what a database has and the service has not, then go on with it",
                              of_adopt, chosen, &adopt);
  declare_database(*command, of_adopt->database);
  command->footer(kAdoptFooter);
  ReplaceFlags* of_replace = nullptr;
  command = add_group_command(group, "replace", "empty the database and write everything anew, whosever it is",
                              of_replace, chosen, &replace);
  command->add_flag("--yes", of_replace->yes, "do not ask");
}

}  // namespace temperature::cli
