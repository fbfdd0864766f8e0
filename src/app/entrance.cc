#include "app/entrance.h"

#include <fmt/format.h>

#include "access/admin_key.h"
#include "access/bucket_table.h"
#include "access/keyed_gate.h"
#include "access/open_gate.h"

namespace temperature::app {
namespace {

// Wrong signatures that are checked: a hundred a second cost a hundredth of a core. Of an address; besides those, of a
// sensor's name, and of all together.
constexpr access::Rate kWrongSignatures{.per_second = 100, .burst = 1'000};
constexpr access::Rate kTrialsOfSensor{.per_second = 0.1, .burst = 5};
constexpr access::Rate kTrials{.per_second = 50, .burst = 50};

access::Rate rate_of(const config::Limit& limit) {
  return {limit.per_second, limit.burst};
}

// Says so when a file with a secret is not kept to its owner.
void look_at_secret(std::string_view what, const std::filesystem::path& file, const telemetry::Log& log) {
  if (!access::is_open_to_others(file)) return;
  log.warn(
      fmt::format("others on this machine can read or change {}: chmod 600, and replace it if they may have", what),
      {{"file", file.string()}});
}

// The operator's key, or the one that is kept in the data folder. A new one is shown on a terminal only.
Result<std::string> admin_key(const config::Settings& settings, const DataDirectory& directory,
                              const telemetry::Log& log) {
  std::string key = settings.admin_key;
  if (key.empty() && !settings.admin_key_file.empty()) {
    auto read = access::read_secret(settings.admin_key_file);
    if (!read) return read;
    look_at_secret("the admin key", settings.admin_key_file, log);
    key = std::move(*read);
  } else if (key.empty()) {
    auto kept = access::read_or_make_admin_key(directory.admin_key());
    if (!kept) return std::unexpected(std::move(kept.error()));
    look_at_secret("the admin key", directory.admin_key(), log);
    if (kept->made) {
      log.note("made an admin key", {{"file", directory.admin_key().string()}});
      log.show(fmt::format("admin key: {}\n", kept->key));  // a terminal forgets it
    }
    key = std::move(kept->key);
  }
  if (auto checked = access::check_admin_key(key); !checked) return std::unexpected(std::move(checked.error()));
  return key;
}

// Counts what lets nobody in because it was made while everybody was (--dev). Error registry_failed.
Result<void> count_made_open(const access::Registry& registry, const telemetry::Log& log) {
  const auto count = registry.made_open();
  if (!count) return std::unexpected(count.error());
  if (*count == 0) return {};
  log.warn("keys and sensors that were registered under --dev let nobody in without it: register them again",
           {{"count", std::to_string(*count)}});
  return {};
}

void say_change(const access::AdministrationOptions::Change& change, const telemetry::Log& log) {
  const std::string_view by = change.actor.name;
  if (change.name.empty()) return log.note(change.what, {{"by", by}, {"id", change.id}}, change.actor.trace);
  log.note(change.what, {{"by", by}, {"id", change.id}, {"name", change.name}}, change.actor.trace);
}

access::AdministrationOptions administration_options(const config::Settings& settings, const telemetry::Log& log) {
  return {.open = settings.dev,
          .unaudited =
              [&log](const Error& why, std::string_view line, const TraceIds& trace) {
                if (line.ends_with('\n')) line.remove_suffix(1);
                log.error("a revocation is told here alone, for the audit log cannot be written",
                          {{"code", traits(why.code).code}, {"reason", why.detail}, {"line", line}}, trace);
              },
          .changed = [&log](const access::AdministrationOptions::Change& change) { say_change(change, log); }};
}

std::set<access::Need> opened(const config::Settings& settings) {
  std::set<access::Need> open;
  if (settings.open.contains("docs")) open.insert(access::Need::docs);
  if (settings.open.contains("metrics")) open.insert(access::Need::metrics);
  if (settings.open.contains("reads")) open.insert(access::Need::read);
  return open;
}

}  // namespace

struct Entrance::Parts {
  Parts(const config::Settings& settings, const std::filesystem::path& audit_file, const Clock& clock,
        const telemetry::Log& log, std::unique_ptr<access::RocksRegistry> its_registry)
      : registry(std::move(its_registry)),
        audit(audit_file),
        administration(*registry, audit, clock, administration_options(settings, log)),
        limits({.sensor = rate_of(settings.limit_sensor),
                .key = rate_of(settings.limit_key),
                .service = rate_of(settings.limit_service),
                .address = kWrongSignatures,
                .trials_of_sensor = kTrialsOfSensor,
                .trials = kTrials},
               buckets, stopwatch) {}

  std::unique_ptr<access::RocksRegistry> registry;
  access::AuditLog audit;
  access::Administration administration;
  access::BucketTable buckets;
  access::SteadyStopwatch stopwatch;
  access::LimitPolicy limits;
  std::unique_ptr<access::Gate> gate;
};

Entrance::Entrance(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Entrance::~Entrance() = default;

Result<std::unique_ptr<Entrance>> Entrance::open(const config::Settings& settings, const DataDirectory& directory,
                                                 ReadingRules rules, const Clock& clock, const telemetry::Log& log) {
  std::error_code error;
  std::filesystem::create_directories(directory.access(), error);  // a failure is the registry's, right below
  std::filesystem::permissions(directory.access(), std::filesystem::perms::owner_all, error);
  auto registry = access::RocksRegistry::open(directory.registry());
  if (!registry) return std::unexpected(std::move(registry.error()));
  auto parts = std::make_unique<Parts>(settings, directory.audit_log(), clock, log, std::move(*registry));
  look_at_secret("the private key of TLS", settings.tls_key, log);
  if (settings.dev) {
    log.warn("no credential is asked for (--dev)");
    parts->gate = std::make_unique<access::OpenGate>(&parts->limits);
  } else {
    auto key = admin_key(settings, directory, log);
    if (!key) return std::unexpected(std::move(key.error()));
    if (auto counted = count_made_open(*parts->registry, log); !counted) {
      return std::unexpected(std::move(counted.error()));
    }
    parts->gate = std::make_unique<access::KeyedGate>(
        access::KeyedGateOptions{.admin_key = std::move(*key),
                                 .audience = settings.audience,
                                 .open = opened(settings),
                                 .reading_rules = rules,
                                 .series_per_sensor_max = static_cast<std::uint32_t>(settings.series_per_sensor)},
        *parts->registry, parts->limits, clock);
  }
  return std::unique_ptr<Entrance>(new Entrance(std::move(parts)));
}

access::Gate& Entrance::gate() {
  return *parts_->gate;
}

access::Administration& Entrance::administration() {
  return parts_->administration;
}

const access::RocksRegistry& Entrance::registry() const {
  return *parts_->registry;
}

}  // namespace temperature::app
