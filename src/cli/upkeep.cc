#include "cli/upkeep.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "app/upkeep.h"
#include "base/json_text.h"
#include "base/size_text.h"
#include "cli/database_flags.h"
#include "cli/replay_destination.h"
#include "cli/restore_from_database.h"
#include "client/backup.h"
#include "client/progress.h"
#include "upkeep/files.h"
#include "upkeep/restore.h"

namespace temperature::cli {
namespace {

constexpr const char* kBackupFooter =
    "DIR is a folder on the service's machine, not there yet or empty; the folder above it is there, and the "
    "service may write to it. It holds keys: keep it as you keep the data folder.";
constexpr const char* kVerifyFooter =
    "The service must not run on the folder; a backup, or a copy, can be looked at as well. Nothing is changed.\n"
    "Exit code 1: something is damaged. Everything that is found is said, with the readings that it covers.";

class Line {
 public:
  Line() : line_(std::cerr, ::isatty(STDERR_FILENO) == 1, std::chrono::steady_clock::now()) {}
  template <class Text>
  void show(Text text) {
    const auto now = std::chrono::steady_clock::now();
    if (line_.due(now)) line_.show(text(), now);
  }
  void clear() { line_.clear(); }

 private:
  client::ProgressLine line_;
};

std::string moment(Timestamp at) {
  return at == kTimestampMin || at == kTimestampMax ? "..." : format_timestamp(at);
}

std::string text_of(const upkeep::Finding& finding) {
  std::string text = finding.what;
  if (finding.readings) {
    const auto& [building, room, sensor, quantity] = *finding.readings;
    text += fmt::format(": building \"{}\", room \"{}\", sensor \"{}\", {}", building, room, sensor, quantity);
  }
  if (finding.from != kTimestampMin || finding.to != kTimestampMax) {
    text += fmt::format(", from {} to {}", moment(finding.from), moment(finding.to));
  }
  return text;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += fmt::format(",\"{}\":", name);
  append_json_string(out, text);
}

// One object a line.
std::string json_of(const upkeep::Finding& finding) {
  std::string out = R"({"damaged":)";
  append_json_string(out, finding.what);
  if (finding.readings) {
    append_member(out, "building", finding.readings->building);
    append_member(out, "room", finding.readings->room);
    append_member(out, "sensor", finding.readings->sensor);
    append_member(out, "quantity", finding.readings->quantity);
  }
  if (finding.from != kTimestampMin) append_member(out, "from", format_timestamp(finding.from));
  if (finding.to != kTimestampMax) append_member(out, "to", format_timestamp(finding.to));
  return out + "}";
}

std::string json_of(const upkeep::Verdict& verdict) {
  return fmt::format(
      R"({{"findings":{},"readings":{},"chunks":{},"volumes":{},"tables":{},"series":{},"history_position":{},)"
      R"("tombstones":{},"journal_records":{},"journal_readings":{},"journal_deletions":{},"journal_first":{},)"
      R"("journal_last":{},"journal_torn_bytes":{},"registered_sensors":{},"keys":{},"audit_entries":{}}})",
      verdict.findings, verdict.history.readings, verdict.history.chunks, verdict.history.volumes,
      verdict.history.files, verdict.series, verdict.safe.value(), verdict.history.tombstones, verdict.journal.records,
      verdict.journal.readings, verdict.journal.deletions, verdict.journal.first.value(), verdict.journal.last.value(),
      verdict.journal.torn_bytes, verdict.registry.sensors, verdict.registry.keys, verdict.audit.count);
}

std::string text_of(const upkeep::Verdict& verdict, upkeep::Depth depth) {
  std::string text = fmt::format(
      "journal: records {} to {}, {} readings; the history holds everything up to record {}\n",
      verdict.journal.first.value(), verdict.journal.last.value(), verdict.journal.readings, verdict.safe.value());
  if (verdict.journal.torn_bytes > 0) {
    text += fmt::format("journal: a torn tail of {} bytes that were never acknowledged; the next start cuts it off\n",
                        verdict.journal.torn_bytes);
  }
  if (verdict.journal.deletions + verdict.history.tombstones > 0) {
    text += fmt::format("deletions in the journal: {}; tombstones in the history: {}\n", verdict.journal.deletions,
                        verdict.history.tombstones);
  }
  text += fmt::format("access: {} registered sensors, {} keys\n", verdict.registry.sensors, verdict.registry.keys);
  if (verdict.audit.count > 0) text += fmt::format("audit: {} entries\n", verdict.audit.count);
  if (depth == upkeep::Depth::full) {
    text += fmt::format("history: {} readings of {} series in {} chunks, {} tables\n", verdict.history.readings,
                        verdict.series, verdict.history.chunks, verdict.history.files);
  }
  return text + (verdict.findings == 0 ? "nothing is damaged\n" : fmt::format("{} findings\n", verdict.findings));
}

int run_verify(const std::filesystem::path& data_dir, upkeep::Depth depth, bool json) {
  Line line;
  const auto verdict = app::verify(
      data_dir, depth,
      [&](const upkeep::Finding& finding) {
        line.clear();
        std::cout << (json ? json_of(finding) : "damaged: " + text_of(finding)) << "\n" << std::flush;
      },
      [&](const upkeep::Verdict& so_far) {
        line.show([&] {
          return fmt::format("{} readings of the journal, {} tables, {} volumes and {} readings of the history",
                             so_far.journal.readings, so_far.history.files, so_far.history.volumes,
                             so_far.history.readings);
        });
      });
  line.clear();
  if (!verdict) return refuse(verdict.error());
  std::cout << (json ? json_of(*verdict) + "\n" : text_of(*verdict, depth)) << std::flush;
  return verdict->findings == 0 ? 0 : 1;
}

int run_restore(const std::string& backup, const std::string& data_dir, bool full, bool json) {
  Line line;
  const std::uint64_t total = upkeep::bytes_in(backup);
  const auto stamp = upkeep::restore(backup, data_dir, [&](std::uint64_t bytes) {
    line.show([&] { return fmt::format("{} of {}", format_size(bytes), format_size(total)); });
  });
  line.clear();
  if (!stamp) return refuse(stamp.error());
  if (json) {
    std::string object = fmt::format(R"({{"restored_bytes":{})", total);
    append_member(object, "data_dir", data_dir);
    append_member(object, "taken", format_timestamp(stamp->taken));
    std::cout << object << "}\n" << std::flush;
  } else {
    std::cout << fmt::format("restored {} into {}: a backup taken {}\n", format_size(total), data_dir,
                             format_timestamp(stamp->taken))
              << std::flush;
  }
  return run_verify(data_dir, full ? upkeep::Depth::full : upkeep::Depth::quick, json);
}

}  // namespace

void add_backup(CLI::App& app, std::function<int()>& chosen) {
  struct Flags {
    ServiceFlags service;
    std::string directory;
    bool json = false;
  };
  CLI::App* command = app.add_subcommand("backup", "have a running service make a backup of all that it has");
  const auto flags = std::make_shared<Flags>();
  command->add_option("DIR", flags->directory, "where it goes")->required();
  declare_service(*command, flags->service);
  command->add_flag("--json", flags->json, "what was made as one JSON object");
  command->footer(kBackupFooter);
  command->callback([flags, &chosen] {
    chosen = [flags] {
      auto target = check_service(flags->service);
      if (!target) return refuse(target.error());
      const client::BackupOptions options{std::move(*target),
                                          std::filesystem::absolute(flags->directory).lexically_normal().string()};
      return run_client([&options](const client::Surroundings& here) { return client::backup(options, here); },
                        flags->json);
    };
  });
}

void add_restore(CLI::App& app, std::function<int()>& chosen) {
  struct Flags {
    std::string backup;
    bool from_database = false;
    config::DatabaseFlags database;
    std::string data_dir;
    bool verify = false;
    bool json = false;
  };
  CLI::App* command = app.add_subcommand("restore", "make a data folder of a backup, or of the mirror's database");
  const auto flags = std::make_shared<Flags>();
  CLI::Option* backup = command->add_option("DIR", flags->backup, "the backup");
  command->add_flag("--from-database", flags->from_database, "of what the mirror has in its database, instead")
      ->excludes(backup);
  declare_database(*command, flags->database);
  command->add_option("--data-dir", flags->data_dir, "the new data folder: not there yet, or empty")
      ->type_name("DIR")
      ->required();
  command->add_flag("--verify", flags->verify, "look at every byte of it afterwards");
  command->add_flag("--json", flags->json, "an object a line: what was restored, then as verify");
  command->callback([flags, &chosen] {
    chosen = [flags] {
      if (flags->from_database) {
        return restore_from_database(flags->database, flags->data_dir, flags->json, [flags] {
          return run_verify(flags->data_dir, flags->verify ? upkeep::Depth::full : upkeep::Depth::quick, flags->json);
        });
      }
      if (flags->backup.empty()) return refuse({ErrorCode::usage, "restore needs DIR, a backup, or --from-database"});
      return run_restore(flags->backup, flags->data_dir, flags->verify, flags->json);
    };
  });
}

void add_verify(CLI::App& app, std::function<int()>& chosen) {
  struct Flags {
    std::string data_dir = "./data";
    bool json = false;
  };
  CLI::App* command = app.add_subcommand("verify", "look at every byte of a data folder that is not in use");
  const auto flags = std::make_shared<Flags>();
  command->add_option("--data-dir", flags->data_dir, "the folder")
      ->type_name("DIR")
      ->envname("TEMPERATURE_DATA_DIR")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "an object a line: each finding, then the sums");
  command->footer(kVerifyFooter);
  command->callback(
      [flags, &chosen] { chosen = [flags] { return run_verify(flags->data_dir, upkeep::Depth::full, flags->json); }; });
}

}  // namespace temperature::cli
