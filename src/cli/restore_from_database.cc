#include "cli/restore_from_database.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/time.h"
#include "cli/database_flags.h"
#include "cli/replay_destination.h"
#include "cli/usage.h"
#include "client/printable.h"
#include "client/progress.h"
#include "mirror/local_state.h"
#include "postgres/connection.h"
#include "rebuild/rebuild.h"

namespace temperature::cli {
namespace {

using rebuild::Rebuilt;

// Settings of the lost service, and the flags that say them to the next one.
constexpr std::pair<std::string_view, std::string_view> kFlagsOfSettings[] = {
    {"default_building", "--default-building"}, {"ranges", "--range"}, {"retention", "--retention"}};

std::string flags_text(const Rebuilt& rebuilt) {
  std::string text;
  for (const auto& [name, value] : rebuilt.settings) {
    for (const auto& [setting, flag] : kFlagsOfSettings) {
      if (name == setting && !value.empty()) text += fmt::format(" {} '{}'", flag, client::printable(value));
    }
  }
  return text;
}

std::string text_of(const Rebuilt& rebuilt, const std::string& data_dir) {
  std::string text =
      fmt::format("restored {} readings of {} series, {} sensors and {} keys into {}: what the database had at {}\n",
                  rebuilt.readings, rebuilt.series, rebuilt.sensors, rebuilt.keys, data_dir,
                  format_timestamp(rebuilt.origin.updated));
  if (rebuilt.origin.owed_ranges > 0) {
    text += fmt::format("readings are missing: {} ranges were still to be copied to the database\n",
                        rebuilt.origin.owed_ranges);
  }
  const auto passed_over = [&text](std::uint64_t readings, std::string_view why) {
    if (readings > 0) text += fmt::format("passed over {} readings: {}\n", readings, why);
  };
  passed_over(rebuilt.repeated, "the database has them more than once; one of each was taken");
  passed_over(rebuilt.unusable, "not a finite value, or a time that no reading has");
  passed_over(rebuilt.nameless, "nothing in the table series names them");
  const std::string flags = flags_text(rebuilt);
  if (!flags.empty()) text += fmt::format("the lost service was started with{}\n", flags);
  return text;
}

std::string json_of(const Rebuilt& rebuilt, const std::string& data_dir) {
  std::string out = fmt::format(
      R"({{"restored_readings":{},"series":{},"registered_sensors":{},"keys":{},"owed_ranges":{},"repeated":{},)"
      R"("unusable":{},"nameless":{},"journal_id":"{}","from_journal_id":"{}","from_position":{},)",
      rebuilt.readings, rebuilt.series, rebuilt.sensors, rebuilt.keys, rebuilt.origin.owed_ranges, rebuilt.repeated,
      rebuilt.unusable, rebuilt.nameless, rebuilt.journal.text(), rebuilt.origin.journal.text(),
      rebuilt.origin.position.value());
  out += R"("updated":)";
  append_json_string(out, format_timestamp(rebuilt.origin.updated));
  out += R"(,"data_dir":)";
  append_json_string(out, data_dir);
  out += R"(,"settings":{)";
  for (const auto& [name, value] : rebuilt.settings) {
    if (!out.ends_with('{')) out.push_back(',');
    append_json_string(out, name);
    out.push_back(':');
    append_json_string(out, value);
  }
  return out + "}}\n";
}

// The folder's mirror goes on in the database that it is made of: it need not be written anew.
std::vector<std::pair<std::string, std::string>> files_of(const Rebuilt& rebuilt) {
  mirror::LocalState state;
  state.journal = rebuilt.journal;
  state.origin = {.from = rebuilt.origin.journal, .position = rebuilt.origin.position, .own = Position()};
  return {{mirror::kLocalStateFile, mirror::encode_local_state(state)}};
}

Result<Rebuilt> run(const config::DatabaseFlags& flags, const std::string& data_dir) {
  const auto url = check_database(flags);
  if (!url) return std::unexpected(url.error());
  auto connection = postgres::Connection::open(*url, {.purpose = "restore"});
  if (!connection) {
    return std::unexpected(postgres::as_error(fmt::format("cannot connect to {}", url->shown()), connection.error()));
  }
  client::ProgressLine line(std::cerr, ::isatty(STDERR_FILENO) == 1, std::chrono::steady_clock::now());
  return rebuild::rebuild(
      **connection, data_dir,
      [&line](const Rebuilt& rebuilt) {
        const auto now = std::chrono::steady_clock::now();
        if (line.due(now)) {
          line.show(fmt::format("{} of {} readings", rebuilt.readings, rebuilt.readings_all), now);
        }
      },
      files_of);
}

}  // namespace

int restore_from_database(const config::DatabaseFlags& flags, const std::string& data_dir, bool json,
                          const std::function<int()>& look) {
  const auto rebuilt = run(flags, data_dir);
  if (!rebuilt) return refuse(rebuilt.error());
  std::cout << (json ? json_of(*rebuilt, data_dir) : text_of(*rebuilt, data_dir)) << std::flush;
  return std::max(rebuilt->passed_over() > 0 ? kExitFailed : 0, look());
}

}  // namespace temperature::cli
