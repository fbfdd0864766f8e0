#include "cli/health.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "cli/replay_destination.h"
#include "cli/service_flags.h"
#include "client/health.h"
#include "config/listen_address.h"

namespace temperature::cli {
namespace {

constexpr std::chrono::seconds kHealthTimeout{3};

struct HealthFlags {
  ServiceFlags service;
  bool writes = false;
};

// Where the environment of `serve` is this command's too, as in a container, it says where the service is. Then it is
// on this machine, and its certificate bears the name that others know it by.
Result<client::HttpTarget> target_of(const ServiceFlags& flags) {
  const auto listen = environment_variable("TEMPERATURE_LISTEN");
  if (names_address(flags) || !listen) return address_target(flags, "");
  const bool tls = environment_variable("TEMPERATURE_TLS_CERT").has_value();
  auto url = config::url_on_this_machine(*listen, tls);
  if (!url) return std::unexpected(std::move(url.error()));
  client::HttpTarget target = address_target(flags, *url);
  target.any_certificate = tls;
  return target;
}

}  // namespace

void add_health(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("health", "whether a service is ready; exit code 0: it is, 1: it is not");
  const auto flags = std::make_shared<HealthFlags>();
  flags->service.timeout_s = kHealthTimeout.count();
  declare_address(*command, flags->service);
  command->add_flag("--writes", flags->writes, "whether it takes readings, too: it does not while the disk is full");
  command->footer(
      "It needs no key. Without --url and TEMPERATURE_URL it asks the service that TEMPERATURE_LISTEN and\n"
      "TEMPERATURE_TLS_CERT, as serve takes them, say: so it is the health check of a container.");
  command->callback([flags, &chosen] {
    chosen = [flags] {
      auto target = target_of(flags->service);
      if (!target) return refuse(target.error());
      const client::HealthQuestion question{std::move(*target), flags->writes};
      return run_client([&](const client::Surroundings& here) { return client::ask_health(question, here); });
    };
  });
}

}  // namespace temperature::cli
