#include "cli/registry.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/clock.h"
#include "base/regular_file.h"
#include "cli/choices.h"
#include "cli/replay_destination.h"
#include "cli/sensor_import.h"
#include "client/bounds.h"
#include "client/pages.h"
#include "client/printable.h"
#include "client/problem.h"
#include "client/registrar.h"

namespace temperature::cli {
namespace {

constexpr std::string_view kSensors = "/v1/sensors/";
constexpr std::string_view kKeys = "/v1/keys/";

struct RegistryFlags {
  ServiceFlags service;
  std::string id;
  std::string public_key;
  std::string kid;
  std::string building;
  std::string room;
  std::vector<std::string> quantities;
  std::string name;
  std::string role;
  std::vector<std::string> buildings;
  std::string expires_in;
  SensorImportFlags import;
};

constexpr const char* kSensorImportFooter =
    "FILE is CSV with a header: sensor and public_key_file (beside FILE; PEM or JWK) or public_key, and where there "
    "are kid, building, room and quantities (\"temperature;humidity\"). A sensor that is registered just so is passed "
    "over, so that repeating it changes nothing. Refused rows are named by their line; then the exit code is 1.";

Error error(std::string detail) {
  return {ErrorCode::startup, std::move(detail)};
}

// A connection to the service, and what it answered to one request.
class Asked {
 public:
  explicit Asked(const ServiceFlags& flags) : flags_(flags) {}

  // The object that a success is. Valid until the next question.
  Result<simdjson::dom::object> ask(std::string_view method, std::string_view path, const std::string& body = {}) {
    const auto answer = send(method, path, body);
    if (!answer) return std::unexpected(answer.error());
    return client::object_of(parser_, *answer, {});
  }

  // Nothing but the success of it (204).
  Result<void> ask_for_nothing(std::string_view method, std::string_view path) {
    const auto answer = send(method, path, {});
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 204) {
      return client::not_understood(fmt::format("its status is {} where 204 says that it is done", answer->status));
    }
    return {};
  }

 private:
  Result<client::HttpAnswer> send(std::string_view method, std::string_view path, const std::string& body) {
    auto target = check_service(flags_);
    if (!target) return std::unexpected(std::move(target.error()));
    auto client = client::HttpClient::create(std::move(*target), pause_);
    if (!client) return std::unexpected(std::move(client.error()));
    auto answer = (*client)->request(method, path, body);
    if (!answer) return std::unexpected(std::move(answer.error()));
    if (answer->status / 100 == 2) return answer;
    return std::unexpected(
        error(fmt::format("the service answered {}: {}", answer->status, client::printable(answer->body))));
  }

  const ServiceFlags& flags_;
  simdjson::dom::parser parser_;
  client::SignalPause pause_;
};

Result<client::Registration::Key> read_public_key(const RegistryFlags& flags) {
  auto pem = read_regular_file(flags.public_key, client::kPublicKeyBytesMax);
  if (!pem) return std::unexpected(std::move(pem.error()));
  return client::Registration::Key{flags.kid, std::move(*pem)};
}

// What was made, if the service says that it was: an object with these members.
int print(const Result<simdjson::dom::object>& answer, std::initializer_list<std::string_view> members) {
  if (!answer) return refuse(answer.error());
  for (const std::string_view member : members) {
    if ((*answer)[member].error() != simdjson::SUCCESS) {
      return refuse(client::not_understood(fmt::format("it has no \"{}\"", member)).error());
    }
  }
  fmt::print("{}\n", client::printable_json(simdjson::minify(*answer)));
  return 0;
}

int finish(const Result<void>& done) {
  return done ? 0 : refuse(done.error());
}

int add(const RegistryFlags& flags) {
  auto key = read_public_key(flags);
  if (!key) return refuse(key.error());
  client::Registration registration;
  registration.keys = {std::move(*key)};
  registration.building = flags.building;
  registration.room = flags.room;
  registration.quantities = flags.quantities;
  return print(Asked(flags.service).ask("PUT", client::path_of(kSensors, flags.id), client::to_json(registration)),
               {"sensor", "keys"});
}

int rotate(const RegistryFlags& flags) {
  Asked service(flags.service);
  const std::string path = client::path_of(kSensors, flags.id);
  const auto shown = service.ask("GET", path);
  if (!shown) return refuse(shown.error());
  auto registration = client::read_registration(*shown);
  if (!registration) return refuse(registration.error());
  std::optional<client::Registration::Key> fresh;
  if (!flags.public_key.empty()) {
    auto key = read_public_key(flags);
    if (!key) return refuse(key.error());
    fresh = std::move(*key);
  }
  return print(service.ask("PUT", path, client::to_json(client::rotated(std::move(*registration), std::move(fresh)))),
               {"sensor", "keys"});
}

// One row a line, page after page.
int list(const RegistryFlags& flags, std::string_view path, std::string_view name) {
  Asked service(flags.service);
  client::Pages pages;
  while (true) {
    const std::string& cursor = pages.cursor();
    const auto page =
        service.ask("GET", std::string(path) + (cursor.empty() ? "" : client::path_of("&cursor=", cursor)));
    if (!page) return refuse(page.error());
    const auto rows = client::read_page(*page, name);
    if (!rows) return refuse(rows.error());
    for (const std::string& row : *rows) fmt::print("{}\n", client::printable_json(row));
    const auto more = pages.turn(*page, rows->size());
    if (!more) return refuse(more.error());
    if (!*more) return 0;
  }
}

int create(const RegistryFlags& flags) {
  client::WishedKey wish{.name = flags.name, .role = flags.role, .buildings = flags.buildings, .expires = {}};
  if (!flags.expires_in.empty()) {
    const auto lifetime = parse_duration(flags.expires_in);
    if (!lifetime) return refuse({ErrorCode::usage, "--expires-in must be a duration such as 90d"});
    wish.expires = format_timestamp(SystemClock().now() + *lifetime);
  }
  return print(Asked(flags.service).ask("POST", "/v1/keys", client::to_json(wish)), {"id", "key"});
}

// A command below `group`: its flags, and what it runs.
CLI::App* add_command(CLI::App& group, std::string name, std::string help, const std::shared_ptr<RegistryFlags>& flags,
                      std::function<int()>& chosen, int (*run)(const RegistryFlags&)) {
  CLI::App* command = group.add_subcommand(std::move(name), std::move(help));
  declare_service(*command, flags->service);
  command->callback([flags, &chosen, run] { chosen = [flags, run] { return run(*flags); }; });
  return command;
}

}  // namespace

void add_sensor(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* group = app.add_subcommand("sensor", "which sensors may send to a service");
  group->require_subcommand(1);
  const auto flags = std::make_shared<RegistryFlags>();
  CLI::App* command = add_command(*group, "add", "register a sensor, or register it anew", flags, chosen, add);
  command->add_option("ID", flags->id, "the sensor")->required();
  command->add_option("--public-key", flags->public_key, "a file with its public key: PEM or JWK")->required();
  command->add_option("--kid", flags->kid, "the key's name in tokens; default: its thumbprint");
  command->add_option("--building", flags->building, "it may write to this building alone");
  command->add_option("--room", flags->room, "to this room alone");
  command->add_option("--quantity", flags->quantities, "this quantity alone; more than once for several");
  command = add_command(*group, "import", "register the sensors of a file", flags, chosen,
                        [](const RegistryFlags& its) { return import_sensors(its.import, its.service); });
  command->add_option("FILE", flags->import.path, "the file; - is standard input")->required();
  command->add_flag("--dry-run", flags->import.dry_run, "only say what would be done, and check everything");
  command->add_flag("--replace", flags->import.replace, "register anew what is registered otherwise");
  command->footer(kSensorImportFooter);
  add_command(*group, "list", "the registered sensors, one a line", flags, chosen,
              [](const RegistryFlags& its) { return list(its, "/v1/sensors?registered=true", "sensors"); });
  command = add_command(
      *group, "revoke", "it may not send any more, from now on", flags, chosen, [](const RegistryFlags& its) {
        return finish(Asked(its.service).ask_for_nothing("DELETE", client::path_of(kSensors, its.id)));
      });
  command->add_option("ID", flags->id, "the sensor")->required();
  command =
      add_command(*group, "rotate", "give it a new key beside the old one; without --public-key: drop the old one",
                  flags, chosen, rotate);
  command->add_option("ID", flags->id, "the sensor")->required();
  command->add_option("--public-key", flags->public_key, "a file with the new public key");
  command->add_option("--kid", flags->kid, "the new key's name in tokens; default: its thumbprint");
}

void add_key(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* group = app.add_subcommand("key", "keys of people and programs");
  group->require_subcommand(1);
  const auto flags = std::make_shared<RegistryFlags>();
  CLI::App* command = add_command(*group, "create", "make a key; it is shown once", flags, chosen, create);
  command->add_option("NAME", flags->name, "whose it is")->required();
  command->add_option("--role", flags->role, "writer, reader or admin")
      ->check(one_of({"writer", "reader", "admin"}))
      ->required();
  command->add_option("--building", flags->buildings, "for this building alone; more than once for several");
  command->add_option("--expires-in", flags->expires_in, "a duration such as 90d; default: it does not expire");
  add_command(*group, "list", "the keys, one a line; not the secrets", flags, chosen,
              [](const RegistryFlags& its) { return list(its, "/v1/keys?limit=100", "keys"); });
  command = add_command(*group, "revoke", "it opens nothing any more, from now on", flags, chosen,
                        [](const RegistryFlags& its) {
                          return finish(Asked(its.service).ask_for_nothing("DELETE", client::path_of(kKeys, its.id)));
                        });
  command->add_option("ID", flags->id, "the key's id")->required();
}

}  // namespace temperature::cli
