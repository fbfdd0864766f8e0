#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <iterator>
#include <new>
#include <span>
#include <system_error>

#include "app/serve.h"
#include "base/standard_descriptors.h"
#include "cli/audit.h"
#include "cli/completion.h"
#include "cli/credentials.h"
#include "cli/database_flags.h"
#include "cli/delete_readings.h"
#include "cli/explain_line.h"
#include "cli/health.h"
#include "cli/help_page.h"
#include "cli/man_page.h"
#include "cli/migrate.h"
#include "cli/mirror.h"
#include "cli/names.h"
#include "cli/questions.h"
#include "cli/readings_files.h"
#include "cli/registry.h"
#include "cli/replay.h"
#include "cli/service_flags.h"
#include "cli/simulate.h"
#include "cli/upkeep.h"
#include "cli/usage.h"
#include "cli/version.h"
#include "config/environment.h"
#include "config/published.h"
#include "config/serve_flags.h"

namespace temperature::cli {
namespace {

void add_serve(CLI::App& app, config::Flags& flags, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("serve", "serve the interface over HTTP until SIGTERM");
  config::declare_serve_flags(*command, flags);
  command->callback([command, &flags, &chosen] {
    chosen = [command, &flags] {
      const auto cannot = [&flags](const Error& error) {
        app::say_why_not(config::log_format_of(flags), {kVersion, config::environment_of(flags)}, error.detail);
        return exit_code_of(error);
      };
      if (auto read = config::apply_config_file(*command, flags); !read) return cannot(read.error());
      if (auto read = config::apply_sentry_variables(config::process_environment(), flags); !read) {
        return cannot(read.error());
      }
      auto settings = config::check(flags);
      if (!settings) return cannot(settings.error());
      auto known = config::variables_of(*command->get_parent());
      std::ranges::copy(service_variables(), std::back_inserter(known));
      known.emplace_back(config::kDevPublishedVariable);
      for (std::string& unknown : config::unknown_variables(config::process_environment(), known)) {
        settings->warnings.push_back(std::move(unknown));
      }
      return app::serve(*settings, kVersion);
    };
  });
}

void add_config(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("config", "about the configuration file of serve");
  command->add_flag("--print-default")->description("print one that holds every default")->required();
  command->callback([&chosen] {
    chosen = [] {
      CLI::App serve;
      config::Flags flags;
      config::declare_serve_flags(serve, flags);
      fmt::print("{}", config::default_config(serve));
      return 0;
    };
  });
}

int run(int count, char** arguments) {
  CLI::App app("Rolling averages of rooms: exact, durable, fast.", "temperature-service");
  const std::string version = fmt::format("temperature-service {}", kVersion);
  use_help_pages(app);
  app.set_version_flag("--version", version, "which version this is");
  app.require_subcommand(1);
  app.immediate_callback();  // so the environment is read for the chosen command alone
  config::Flags flags;
  std::function<int()> chosen;
  add_serve(app, flags, chosen);
  add_config(app, chosen);
  add_rooms(app, chosen);
  add_average(app, chosen);
  add_history(app, chosen);
  add_health(app, chosen);
  add_replay(app, chosen);
  add_simulate(app, chosen);
  add_export(app, chosen);
  add_import(app, chosen);
  add_delete(app, chosen);
  add_audit(app, chosen);
  add_backup(app, chosen);
  add_restore(app, chosen);
  add_verify(app, chosen);
  add_mirror(app, chosen);
  add_names(app, chosen);
  add_migrate(app, chosen);
  add_explain_line(app, chosen);
  add_keygen(app, chosen);
  add_token(app, chosen);
  add_sensor(app, chosen);
  add_key(app, chosen);
  add_help(app, chosen);
  add_version(app, version, chosen);
  add_man(app, version, chosen);
  add_completion(app, chosen);
  try {
    app.parse(count, arguments);
    hide_passwords(count, arguments);
  } catch (const CLI::ParseError& error) {
    hide_passwords(count, arguments);
    const std::span<char* const> words(arguments, static_cast<std::size_t>(count));
    const CLI::App* serve = app.get_subcommand("serve");
    if (serve->count() == 0 || !config::asks_for_json_log(*serve)) return explain_usage(app, error, words);
    return explain_usage(app, error, words, [](const std::string& text) {
      app::say_why_not(config::LogFormat::json, {kVersion, ""}, text);
    });
  }
  try {
    return chosen();
  } catch (const std::bad_alloc&) {
    std::fputs("temperature-service: there is not enough memory\n", stderr);
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "temperature-service: %s\n", error.what());
  }
  return kExitFailed;
}

}  // namespace
}  // namespace temperature::cli

int main(int count, char** arguments) {
  temperature::open_standard_descriptors();
  return temperature::cli::run(count, arguments);
}
