#include "cli/sensor_import.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "access/registration.h"
#include "base/json_text.h"
#include "base/regular_file.h"
#include "client/bounds.h"
#include "client/http_client.h"
#include "client/input_file.h"
#include "client/printable.h"
#include "client/problem.h"
#include "client/sensor_list.h"

namespace temperature::cli {
namespace {

Error import_error(std::string detail) {
  return {ErrorCode::startup, std::move(detail)};
}

// The rows that one file's sensors came to.
struct Counts {
  std::size_t registered = 0;
  std::size_t replaced = 0;
  std::size_t unchanged = 0;
  std::size_t refused = 0;
};

bool same(const access::Sensor& one, const access::Sensor& other) {
  if (one.keys.size() != other.keys.size()) return false;
  for (const access::SensorKey& key : one.keys) {
    const access::SensorKey* const its = other.find_key(key.kid);
    if (its == nullptr || !(its->key == key.key)) return false;
  }
  return one.building == other.building && one.room == other.room && one.quantities == other.quantities;
}

class SensorImport {
 public:
  SensorImport(const SensorImportFlags& flags, client::HttpClient& service, bool json)
      : flags_(flags), folder_(std::filesystem::path(flags.path).parent_path()), service_(service), json_(json) {}

  // Handles one row; false when there is no going on.
  bool take(std::uint64_t line, std::expected<client::ListedSensor, std::string> sensor) {
    if (!sensor) {
      refuse_row(line, sensor.error());
      return true;
    }
    const auto wish = check(*sensor);
    if (!wish) {
      refuse_row(line, wish.error().detail);
      return true;
    }
    const std::string path = client::path_of("/v1/sensors/", sensor->id);
    const auto kept = find(path, sensor->id);
    if (!kept) return stop(line, kept.error());
    if (*kept && same(**kept, *wish)) {
      ++counts_.unchanged;
      return true;
    }
    if (*kept && !flags_.replace) {
      refuse_row(line,
                 fmt::format("the sensor \"{}\" is registered otherwise; --replace registers it anew", sensor->id));
      return true;
    }
    if (!flags_.dry_run) {
      const auto answer = service_.request("PUT", path, client::to_json(sensor->registration));
      if (!answer) return stop(line, answer.error());
      if (answer->status == 401 || answer->status == 403) return stop(line, refused(*answer));
      if (answer->status / 100 != 2) {
        refuse_row(line, refused(*answer).detail);
        return true;
      }
      simdjson::dom::parser parser;
      const auto registered = client::object_of(parser, *answer, "");
      if (!registered) return stop(line, registered.error());
      if (auto understood = client::read_registration(*registered); !understood) return stop(line, understood.error());
    }
    ++(*kept ? counts_.replaced : counts_.registered);
    return true;
  }

  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] const std::optional<Error>& failed() const { return failed_; }

 private:
  static Error refused(const client::HttpAnswer& answer) { return client::problem_of(answer, "the service answered"); }

  void refuse_row(std::uint64_t line, std::string_view why) {
    ++counts_.refused;
    if (!json_) return fmt::print("line {}: {}\n", line, client::printable(why));
    std::string text = fmt::format(R"({{"line":{},"refused":)", line);
    append_json_string(text, client::printable(why));
    fmt::print("{}}}\n", text);
  }

  bool stop(std::uint64_t line, const Error& why) {
    failed_ = import_error(fmt::format("{} (at line {}; repeating is safe)", why.detail, line));
    return false;
  }

  // Reads the key's file into the row's registration, and checks all of it as the service will.
  Result<access::Sensor> check(client::ListedSensor& sensor) const {
    if (!sensor.public_key_file.empty()) {
      const std::filesystem::path file = folder_ / sensor.public_key_file;  // an absolute one stays itself
      auto text = read_regular_file(file, client::kPublicKeyBytesMax);
      if (!text) return std::unexpected(std::move(text.error()));
      sensor.registration.keys.front().public_key = std::move(*text);
    }
    return access::read_sensor(sensor.id, client::to_json(sensor.registration));
  }

  // What is registered; nullopt: nothing is.
  Result<std::optional<access::Sensor>> find(const std::string& path, const std::string& id) const {
    const auto answer = service_.request("GET", path, {});
    if (!answer) return std::unexpected(answer.error());
    if (client::is_refused_with(*answer, ErrorCode::sensor_unknown)) return std::nullopt;
    if (answer->status != 200) return std::unexpected(refused(*answer));
    simdjson::dom::parser parser;
    const auto object = client::object_of(parser, *answer, "");
    if (!object) return std::unexpected(object.error());
    const auto registration = client::read_registration(*object);
    if (!registration) return std::unexpected(registration.error());
    auto sensor = access::read_sensor(id, client::to_json(*registration));
    if (!sensor) return std::unexpected(std::move(sensor.error()));
    return std::optional(std::move(*sensor));
  }

  const SensorImportFlags& flags_;
  const std::filesystem::path folder_;
  client::HttpClient& service_;
  const bool json_;
  Counts counts_;
  std::optional<Error> failed_;
};

void print(const Counts& counts, bool dry_run, bool json) {
  if (json) {
    fmt::print(R"({{"registered":{},"replaced":{},"unchanged":{},"refused":{},"dry_run":{}}})"
               "\n",
               counts.registered, counts.replaced, counts.unchanged, counts.refused, dry_run);
    return;
  }
  const std::string_view would = dry_run ? "would be " : "";
  fmt::print("{}registered {}\n{}replaced {}\nunchanged {}\nrefused {}\n", would, counts.registered, would,
             counts.replaced, counts.unchanged, counts.refused);
}

}  // namespace

int import_sensors(const SensorImportFlags& flags, const ServiceFlags& service, bool json) {
  auto target = check_service(service);
  if (!target) return refuse(target.error());
  client::SignalPause pause;
  auto connection = client::HttpClient::create(std::move(*target), pause);
  if (!connection) return refuse(connection.error());
  auto file = client::InputFile::open(flags.path);
  if (!file) return refuse(file.error());
  SensorImport import(flags, **connection, json);
  const auto read =
      client::read_sensor_list(*file, [&](std::uint64_t line, std::expected<client::ListedSensor, std::string> sensor) {
        return import.take(line, std::move(sensor));
      });
  print(import.counts(), flags.dry_run, json);
  if (!read) return refuse({read.error().code, fmt::format("{}: {}", flags.path, read.error().detail)});
  if (import.failed())
    return refuse({import.failed()->code, fmt::format("{}: {}", flags.path, import.failed()->detail)});
  return import.counts().refused == 0 ? 0 : 1;
}

}  // namespace temperature::cli
