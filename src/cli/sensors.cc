#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/regular_file.h"
#include "cli/group_command.h"
#include "cli/registry.h"
#include "cli/registry_service.h"
#include "cli/replay_destination.h"
#include "cli/sensor_import.h"
#include "client/bounds.h"
#include "client/problem.h"
#include "client/registrar.h"
#include "client/registry_text.h"

// `sensor add|import|list|revoke|rotate`.
namespace temperature::cli {
namespace {

constexpr std::string_view kSensors = "/v1/sensors/";

struct SensorFlags {
  ServiceFlags service;
  bool json = false;
  std::string id;
  std::string public_key;
  std::string kid;
  std::string building;
  std::string room;
  std::vector<std::string> quantities;
  bool replace = false;
  SensorImportFlags import;
};

constexpr const char* kSensorImportFooter =
    "FILE is CSV with a header: sensor and public_key_file (beside FILE; PEM or JWK) or public_key, and where there "
    "are kid, building, room and quantities (\"temperature;humidity\"). A sensor that is registered just so is passed "
    "over, so that repeating it changes nothing. Refused rows are named by their line; then the exit code is 1.";

Result<client::Registration::Key> read_public_key(const SensorFlags& flags) {
  auto pem = read_regular_file(flags.public_key, client::kPublicKeyBytesMax);
  if (!pem) return std::unexpected(std::move(pem.error()));
  return client::Registration::Key{flags.kid, std::move(*pem)};
}

// What is registered now, if the service says that something is.
int print(const SensorFlags& flags, std::string_view done, const Result<simdjson::dom::object>& answer) {
  if (!answer) return refuse(answer.error());
  for (const std::string_view member : {"sensor", "keys"}) {
    if ((*answer)[member].error() != simdjson::SUCCESS) {
      return refuse(client::not_understood(fmt::format("it has no \"{}\"", member)).error());
    }
  }
  if (for_a_person(flags.json)) {
    fmt::print("{}", client::registration_text(done, *answer));
  } else {
    print_json(*answer);
  }
  return 0;
}

// A registration is not replaced by accident.
Result<void> check_is_new(RegistryService& service, const SensorFlags& flags, const std::string& path,
                          std::string_view what) {
  const auto kept = service.ask("GET", path);
  if (!kept) return std::unexpected(kept.error());
  if (client::is_refused_with(*kept, ErrorCode::sensor_unknown)) return {};
  simdjson::dom::parser parser;
  if (const auto shown = client::object_of(parser, *kept, what); !shown) return std::unexpected(shown.error());
  return failure(ErrorCode::startup, fmt::format("{}: it is registered already; --replace registers it anew, and "
                                                 "`sensor rotate {}` gives it a new key beside the one it has",
                                                 what, flags.id));
}

int add(const SensorFlags& flags) {
  auto key = read_public_key(flags);
  if (!key) return refuse(key.error());
  client::Registration registration;
  registration.keys = {std::move(*key)};
  registration.building = flags.building;
  registration.room = flags.room;
  registration.quantities = flags.quantities;
  auto service = RegistryService::connect(flags.service);
  if (!service) return refuse(service.error());
  const std::string path = client::path_of(kSensors, flags.id);
  const std::string what = fmt::format("cannot register sensor {}", flags.id);
  if (!flags.replace) {
    if (const auto fresh = check_is_new(**service, flags, path, what); !fresh) return refuse(fresh.error());
  }
  return print(flags, "registered", (*service)->ask_for_object(what, "PUT", path, client::to_json(registration)));
}

int rotate(const SensorFlags& flags) {
  auto service = RegistryService::connect(flags.service);
  if (!service) return refuse(service.error());
  const std::string path = client::path_of(kSensors, flags.id);
  const std::string what = fmt::format("cannot rotate the keys of sensor {}", flags.id);
  const auto shown = (*service)->ask_for_object(what, "GET", path);
  if (!shown) return refuse(shown.error());
  auto registration = client::read_registration(*shown);
  if (!registration) return refuse(registration.error());
  std::optional<client::Registration::Key> fresh;
  if (!flags.public_key.empty()) {
    auto key = read_public_key(flags);
    if (!key) return refuse(key.error());
    fresh = std::move(*key);
  }
  const auto rotated = client::rotated(std::move(*registration), std::move(fresh));
  return print(flags, "rotated", (*service)->ask_for_object(what, "PUT", path, client::to_json(rotated)));
}

int list(const SensorFlags& flags) {
  auto service = RegistryService::connect(flags.service);
  if (!service) return refuse(service.error());
  const client::Listing listing{
      "/v1/sensors", "sensors", "cannot list the registered sensors", {{"registered", "true"}}};
  client::Table table = client::sensors_table();
  const bool person = for_a_person(flags.json);
  std::size_t listed = 0;
  const auto done = (*service)->list(listing, [&](simdjson::dom::object, simdjson::dom::array rows) -> Result<void> {
    for (const simdjson::dom::element row : rows) person ? client::add_sensor(table, row) : print_json(row);
    listed += rows.size();
    fmt::print("{}", table.take_lines());
    return {};
  });
  if (!done) return refuse(done.error());
  if (person && listed == 0) fmt::print("no sensor is registered\n");
  return 0;
}

int revoke(const SensorFlags& flags) {
  auto service = RegistryService::connect(flags.service);
  if (!service) return refuse(service.error());
  const auto done = (*service)->remove(fmt::format("cannot revoke sensor {}", flags.id),
                                       client::path_of(kSensors, flags.id), ErrorCode::sensor_unknown);
  return done ? print_revoked("sensor", flags.id, {}, flags.json) : refuse(done.error());
}

}  // namespace

void add_sensor(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* group = app.add_subcommand("sensor", "which sensors may send to a service");
  group->require_subcommand(1);
  SensorFlags* flags = nullptr;
  CLI::App* command = add_group_command(*group, "add", "register a sensor", flags, chosen, add);
  command->add_option("ID", flags->id, "the sensor")->required();
  command->add_option("--public-key", flags->public_key, "a file with its public key: PEM or JWK")->required();
  command->add_option("--kid", flags->kid, "the key's name in tokens; default: its thumbprint");
  command->add_option("--building", flags->building, "it may write to this building alone");
  command->add_option("--room", flags->room, "to this room alone");
  command->add_option("--quantity", flags->quantities, "this quantity alone; more than once for several");
  command->add_flag("--replace", flags->replace, "register it anew if it is registered; what it had ends at once");
  command = add_group_command(
      *group, "import", "register the sensors of a file", flags, chosen,
      +[](const SensorFlags& its) { return import_sensors(its.import, its.service, its.json); });
  command->add_option("FILE", flags->import.path, "the file; - is standard input")->required();
  command->add_flag("--dry-run", flags->import.dry_run, "only say what would be done, and check everything");
  command->add_flag("--replace", flags->import.replace, "register anew what is registered otherwise");
  command->footer(kSensorImportFooter);
  add_group_command(*group, "list", "the registered sensors", flags, chosen, list);
  command = add_group_command(*group, "revoke", "it may not send any more, from now on", flags, chosen, revoke);
  command->add_option("ID", flags->id, "the sensor")->required();
  command = add_group_command(*group, "rotate",
                              "give it a new key beside the old one; without --public-key: drop the old one", flags,
                              chosen, rotate);
  command->add_option("ID", flags->id, "the sensor")->required();
  command->add_option("--public-key", flags->public_key, "a file with the new public key");
  command->add_option("--kid", flags->kid, "the new key's name in tokens; default: its thumbprint");
}

}  // namespace temperature::cli
