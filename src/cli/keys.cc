#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/choices.h"
#include "cli/group_command.h"
#include "cli/registry.h"
#include "cli/registry_service.h"
#include "cli/replay_destination.h"
#include "client/problem.h"
#include "client/registrar.h"
#include "client/registry_text.h"

// `key add|list|revoke`.
namespace temperature::cli {
namespace {

constexpr std::string_view kKeys = "/v1/keys/";
constexpr const char* kKeysPerPage = "100";
// Ids of one name that an error lists; of more it says how many there are.
constexpr std::size_t kIdsNamed = 10;

struct KeyFlags {
  ServiceFlags service;
  bool json = false;
  std::string id;
  std::string name;
  std::string role;
  std::vector<std::string> buildings;
  std::string expires_in;
};

int add(const KeyFlags& flags) {
  client::WishedKey wish{.name = flags.name, .role = flags.role, .buildings = flags.buildings, .expires = {}};
  if (const auto lifetime = parse_duration(flags.expires_in)) {
    wish.expires = format_timestamp(SystemClock().now() + *lifetime);
  }
  auto service = RegistryService::connect(flags.service);
  if (!service) return refuse(service.error());
  const auto made = (*service)->ask_for_object("cannot make a key", "POST", "/v1/keys", client::to_json(wish));
  if (!made) return refuse(made.error());
  for (const std::string_view member : {"id", "key"}) {
    if (client::text_at(*made, member).empty()) {
      return refuse(client::not_understood(fmt::format("it has no \"{}\"", member)).error());
    }
  }
  if (for_a_person(flags.json)) {
    fmt::print("{}", client::made_key_text(*made));
  } else {
    print_json(*made);
  }
  return 0;
}

client::Listing listing() {
  return {"/v1/keys", "keys", "cannot list the keys", {{"limit", kKeysPerPage}}};
}

int list(const KeyFlags& flags) {
  auto service = RegistryService::connect(flags.service);
  if (!service) return refuse(service.error());
  client::Table table = client::keys_table();
  const bool person = for_a_person(flags.json);
  std::size_t listed = 0;
  const auto done = (*service)->list(listing(), [&](simdjson::dom::object, simdjson::dom::array rows) -> Result<void> {
    for (const simdjson::dom::element row : rows) person ? client::add_key(table, row) : print_json(row);
    listed += rows.size();
    fmt::print("{}", table.take_lines());
    return {};
  });
  if (!done) return refuse(done.error());
  if (person && listed == 0) fmt::print("there are no keys\n");
  return 0;
}

// The id of the only key with this name. Error: there is none, or there are several.
Result<std::string> find_by_name(RegistryService& service, const std::string& name) {
  std::vector<std::string> ids;
  std::size_t found = 0;
  const auto done = service.list(listing(), [&](simdjson::dom::object, simdjson::dom::array rows) -> Result<void> {
    for (const simdjson::dom::element row : rows) {
      if (client::text_at(row, "name") != name) continue;
      auto id = client::name_at(row, "id");
      if (!id) return std::unexpected(std::move(id.error()));
      if (found++ < kIdsNamed) ids.push_back(std::move(*id));
    }
    return {};
  });
  if (!done) return std::unexpected(done.error());
  if (found == 1) return ids.front();
  if (found == 0) {
    return failure(ErrorCode::key_unknown,
                   fmt::format("cannot revoke key {}: there is no key with this id, and none with this name", name));
  }
  return failure(ErrorCode::startup,
                 fmt::format("cannot revoke key {}: {} keys have this name; give the id of one: {}{}", name, found,
                             fmt::join(ids, ", "), found > ids.size() ? ", ..." : ""));
}

// By its id; where no key has it, by its name.
int revoke(const KeyFlags& flags) {
  auto service = RegistryService::connect(flags.service);
  if (!service) return refuse(service.error());
  const auto remove = [&](const std::string& id) {
    return (*service)->remove(fmt::format("cannot revoke key {}", flags.id), client::path_of(kKeys, id),
                              ErrorCode::key_unknown);
  };
  const auto done = remove(flags.id);
  if (done) return print_revoked("key", flags.id, {}, flags.json);
  if (done.error().code != ErrorCode::key_unknown) return refuse(done.error());
  const auto id = find_by_name(**service, flags.id);
  if (!id) return refuse(id.error());
  if (const auto revoked = remove(*id); !revoked) return refuse(revoked.error());
  return print_revoked("key", *id, flags.id, flags.json);
}

}  // namespace

void add_key(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* group = app.add_subcommand("key", "keys of people and programs");
  group->require_subcommand(1);
  KeyFlags* flags = nullptr;
  CLI::App* command = add_group_command(*group, "add", "make a key; it is shown once", flags, chosen, add);
  command->alias("create");
  command->add_option("NAME", flags->name, "whose it is")->required();
  command->add_option("--role", flags->role, "writer, reader, curator or admin")
      ->check(one_of({"writer", "reader", "curator", "admin"}))
      ->required();
  command->add_option("--building", flags->buildings, "for this building alone; more than once for several");
  command->add_option("--expires-in", flags->expires_in, "a duration such as 90d; default: it does not expire")
      ->check([](const std::string& text) {
        return parse_duration(text) ? std::string() : std::string("it must be a duration such as 90d");
      });
  add_group_command(*group, "list", "the keys; not the secrets", flags, chosen, list);
  command = add_group_command(*group, "revoke", "it opens nothing any more, from now on", flags, chosen, revoke);
  command->add_option("ID", flags->id, "the key's id, or its name where no other key has that")->required();
}

}  // namespace temperature::cli
