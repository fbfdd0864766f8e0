#include "cli/questions.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/time.h"
#include "cli/replay_destination.h"
#include "client/questions.h"

namespace temperature::cli {
namespace {

constexpr const char* kTimesFooter =
    "Times are RFC 3339 (2026-11-01T12:00:00Z), a date, now, or so long before now: -1h. A room that is unknown ends "
    "with\n"
    "exit code 1; one that has no readings then is said to have none, and ends with 0.";

template <class Asked>
struct QuestionFlags {
  ServiceFlags service;
  bool json = false;
  Asked asked;
};

// As the service reads durations; what it does not take is a usage error.
CLI::Validator duration() {
  return {[](const std::string& text) {
            return parse_duration(text) ? std::string() : fmt::format("{} is no duration (90s, 15m, 1h, 7d)", text);
          },
          "DURATION"};
}

// An empty name is never taken for "all".
CLI::Validator not_empty() {
  return {[](const std::string& text) { return text.empty() ? std::string("it is empty") : std::string(); }, ""};
}

void declare_text(CLI::App& command, const char* name, std::string& text, const char* help) {
  command.add_option(name, text, help)->check(not_empty());
}

// A command: the flags that all questions have, and what it asks.
template <class Asked>
CLI::App* add_question(CLI::App& app, const char* name, const char* help, Asked*& asked, std::function<int()>& chosen,
                       int (*ask)(const Asked&, const client::Surroundings&)) {
  CLI::App* command = app.add_subcommand(name, help);
  const auto flags = std::make_shared<QuestionFlags<Asked>>();
  asked = &flags->asked;
  declare_service(*command, flags->service);
  declare_json(*command, flags->json);
  declare_text(*command, "--building", asked->building, "of this building");
  declare_text(*command, "--quantity", asked->quantity, "of this quantity");
  command->callback([flags, &chosen, ask] {
    chosen = [flags, ask] {
      auto target = check_service(flags->service);
      if (!target) return refuse(target.error());
      flags->asked.target = std::move(*target);
      flags->asked.for_a_person = for_a_person(flags->json);
      return run_client([&](const client::Surroundings& here) { return ask(flags->asked, here); });
    };
  });
  return command;
}

}  // namespace

void add_rooms(CLI::App& app, std::function<int()>& chosen) {
  client::Question* asked = nullptr;
  add_question(app, "rooms", "the rooms of a service, with their averages of the last 15 minutes", asked, chosen,
               client::ask_rooms);
}

void add_average(CLI::App& app, std::function<int()>& chosen) {
  client::AverageQuestion* asked = nullptr;
  CLI::App* command = add_question(app, "average", "a room's average", asked, chosen, client::ask_average);
  command->add_option("ROOM", asked->room, "the room")->required()->check(not_empty());
  declare_text(*command, "--sensor", asked->sensor, "of this sensor alone");
  command->add_option("--window", asked->window, "how far back it looks; default: 15m")->check(duration());
  declare_text(*command, "--at", asked->at, "the moment at which it ends; default: now");
  command->footer(kTimesFooter);
}

void add_history(CLI::App& app, std::function<int()>& chosen) {
  client::HistoryQuestion* asked = nullptr;
  CLI::App* command = add_question(app, "history", "the past of rooms, in steps", asked, chosen, client::ask_history);
  command->add_option("ROOM", asked->rooms, "the room, or several")->required()->check(not_empty());
  declare_text(*command, "--sensor", asked->sensor, "of this sensor alone");
  command->add_option("--step", asked->step, "how long a step is; default: so that there are 300 at most")
      ->check(duration());
  declare_text(*command, "--from", asked->from, "from this moment on; default: a day before --to");
  declare_text(*command, "--to", asked->to, "up to this moment; default: now");
  command->footer(kTimesFooter);
}

}  // namespace temperature::cli
