#include "cli/delete_readings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/registry_service.h"
#include "cli/replay_destination.h"
#include "cli/service_flags.h"
#include "client/printable.h"
#include "client/problem.h"

namespace temperature::cli {
namespace {

constexpr const char* kFooter =
    "Times are RFC 3339 (2026-11-01T12:00:00Z), a date, now, or so long before now: -1h. It needs the key of a "
    "curator\n"
    "or an administrator. Deleted readings are gone for good; what is sent again afterwards is stored again.";

struct DeleteFlags {
  ServiceFlags service;
  bool json = false;
  bool yes = false;
  bool dry_run = false;
  bool purge = false;
  std::string room;
  std::string building;
  std::string sensor;
  std::string quantity;
  std::string from;
  std::string to;
  std::string reason;
};

std::string address_of(const DeleteFlags& flags, bool dry_run) {
  std::vector<std::pair<std::string_view, std::string>> parameters{{"room", flags.room},
                                                                   {"building", flags.building},
                                                                   {"sensor", flags.sensor},
                                                                   {"quantity", flags.quantity},
                                                                   {"from", flags.from},
                                                                   {"to", flags.to},
                                                                   {"reason", flags.reason},
                                                                   {"dry_run", dry_run ? "true" : ""},
                                                                   {"purge", flags.purge && !dry_run ? "true" : ""}};
  std::erase_if(parameters, [](const auto& each) { return each.second.empty(); });
  return client::address("/v1/readings", parameters);
}

std::string scope_of(const DeleteFlags& flags) {
  std::string text = fmt::format("room {}", flags.room);
  if (!flags.building.empty()) text += fmt::format(" of building {}", flags.building);
  if (!flags.sensor.empty()) text += fmt::format(", sensor {}", flags.sensor);
  if (!flags.quantity.empty()) text += fmt::format(", {}", flags.quantity);
  return client::printable(text + fmt::format(", from {} to before {}", flags.from, flags.to));
}

std::string counted(std::uint64_t readings) {
  return readings == 1 ? "1 reading" : fmt::format("{} readings", readings);
}

// Whoever is not there cannot answer.
Result<bool> confirmed(const DeleteFlags& flags, std::uint64_t readings) {
  if (flags.yes) return true;
  if (::isatty(STDIN_FILENO) == 0) {
    return failure(ErrorCode::usage, fmt::format("nothing was deleted: {} would go ({}), and nobody is there to be "
                                                 "asked; give --yes to delete them, --dry-run to count them",
                                                 counted(readings), scope_of(flags)));
  }
  fmt::print(stderr, "{} would be deleted for good: {}. Delete them? [y/N] ", counted(readings), scope_of(flags));
  std::fflush(stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

// "-1h" is another moment each time it is asked: what was counted is what is deleted.
void fix_times(const simdjson::dom::object& counted, DeleteFlags& flags) {
  std::string_view from;
  std::string_view to;
  if (counted["from"].get(from) != simdjson::SUCCESS || counted["to"].get(to) != simdjson::SUCCESS) return;
  flags.from = from;
  flags.to = to;
}

void print_purge(const simdjson::dom::object& done) {
  bool purged = false;
  std::string_view waits_for;
  if (done["purged"].get(purged) != simdjson::SUCCESS) return;
  if (purged) {
    fmt::print("no file of the data folder has them any more\n");
  } else if (done["purge_waits_for"].get(waits_for) == simdjson::SUCCESS) {
    fmt::print(
        "files of the data folder still have them: {}. It goes on by itself; the same command again waits for "
        "it, and temperature_service_purges_waiting in the metrics is 0 then\n",
        client::printable(waits_for));
  }
}

int delete_readings(DeleteFlags flags) {
  auto service = RegistryService::connect(flags.service);
  if (!service) return refuse(service.error());
  const bool person = for_a_person(flags.json);
  const auto would = (*service)->ask_for_object("cannot count the readings", "DELETE", address_of(flags, true));
  if (!would) return refuse(would.error());
  std::uint64_t readings = 0;
  if ((*would)["deleted"].get(readings) != simdjson::SUCCESS) {
    return refuse(client::not_understood("it has no \"deleted\"").error());
  }
  fix_times(*would, flags);
  if (flags.dry_run) {
    if (!person) print_json(*would);
    if (person) fmt::print("{} would be deleted: {}\n", counted(readings), scope_of(flags));
    return 0;
  }
  const auto may = confirmed(flags, readings);
  if (!may) return refuse(may.error());
  if (!*may) {
    fmt::print(stderr, "nothing was deleted\n");
    return 1;
  }
  // Once: asked again when the answer was lost, it would take what was sent for the free places meanwhile.
  ServiceFlags once = flags.service;
  once.retry_for_s = 0;
  service->reset();  // there is one at a time
  auto asked = RegistryService::connect(once);
  if (!asked) return refuse(asked.error());
  auto done = (*asked)->ask_for_object("cannot delete the readings", "DELETE", address_of(flags, false));
  if (!done) {
    done.error().detail += "; it is not asked again by itself: `temperature-service audit` says whether it was done";
    return refuse(done.error());
  }
  if (!person) {
    print_json(*done);
    return 0;
  }
  if ((*done)["deleted"].get(readings) == simdjson::SUCCESS) {
    fmt::print("deleted {}\n", counted(readings));
  } else {
    fmt::print("they are deleted; how many that were could not be counted\n");
  }
  print_purge(*done);
  return 0;
}

}  // namespace

void add_delete(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("delete", "delete readings of a room for good");
  const auto flags = std::make_shared<DeleteFlags>();
  declare_service(*command, flags->service);
  declare_json(*command, flags->json);
  const auto not_empty = [](const std::string& text) {
    return text.empty() ? std::string("it is empty") : std::string();
  };
  command->add_option("ROOM", flags->room, "the room")->required()->check(not_empty);
  command->add_option("--from", flags->from, "from this moment on")->required()->check(not_empty);
  command->add_option("--to", flags->to, "up to this moment; readings of that moment itself stay")
      ->required()
      ->check(not_empty);
  command->add_option("--building", flags->building, "of this building")->check(not_empty);
  command->add_option("--sensor", flags->sensor, "of this sensor alone")->check(not_empty);
  command->add_option("--quantity", flags->quantity, "of this quantity alone")->check(not_empty);
  command->add_option("--reason", flags->reason, "why; it is kept")->check(not_empty);
  command->add_flag("--dry-run", flags->dry_run, "only say how many readings would be deleted");
  command->add_flag("--purge", flags->purge, "have their bytes leave every file of the data folder at once, too");
  command->add_flag("--yes", flags->yes, "do not ask");
  command->footer(kFooter);
  command->callback([flags, &chosen] { chosen = [flags] { return delete_readings(*flags); }; });
}

}  // namespace temperature::cli
