#include "cli/mirror.h"

#include <CLI/CLI.hpp>
#include <string>

#include "cli/choices.h"
#include "cli/database_flags.h"
#include "cli/group_command.h"
#include "cli/mirror_orders.h"
#include "cli/replay_destination.h"
#include "client/mirror_check.h"

// `mirror verify`.
namespace temperature::cli {
namespace {

constexpr const char* kMirrorVerifyFooter =
    "Compares how many readings there are, and the sums of their bits, by series and day (UTC). Days that still change "
    "are looked at again, and named when they go on to do so; they do not count as different. Exit code 1: something "
    "differs, or could not be compared.";

struct VerifyFlags {
  ServiceFlags service;
  bool json = false;
  config::DatabaseFlags database;
  std::string from;
  std::string to;
};

int verify(const VerifyFlags& flags) {
  client::MirrorCheckOptions options;
  auto target = check_service(flags.service);
  if (!target) return refuse(target.error());
  options.target = std::move(*target);
  const auto from = optional_time("--from", flags.from);
  if (!from) return refuse(from.error());
  const auto to = optional_time("--to", flags.to);
  if (!to) return refuse(to.error());
  options.span = {*from, *to};
  const auto url = check_database(flags.database);
  if (!url) return refuse(url.error());
  return run_client([&](const client::Surroundings& here) { return client::check_mirror(*url, options, here); },
                    flags.json);
}

}  // namespace

void add_mirror(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* group = app.add_subcommand("mirror", "about the copy of everything in a database");
  group->require_subcommand(1);
  VerifyFlags* flags = nullptr;
  CLI::App* command = add_group_command(
      *group, "verify", "compare what a service and its database have, and name what differs", flags, chosen, &verify);
  declare_database(*command, flags->database);
  command->add_option("--from", flags->from, "from this moment on")->type_name("TIME");
  command->add_option("--to", flags->to, "up to this moment")->type_name("TIME");
  command->footer(kMirrorVerifyFooter);
  add_mirror_orders(*group, chosen);
}

}  // namespace temperature::cli
