#include "client/mirror_orders.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "client/printable.h"
#include "client/problem.h"

namespace temperature::client {
namespace {

constexpr const char* kMirrorAddress = "/v1/admin/mirror";
constexpr Duration kBetweenMirrorLooks{200};

// How a mirror is doing, as a service says it.
class MirrorState {
 public:
  static Result<MirrorState> read(const HttpAnswer& answer) {
    MirrorState state;
    auto object = object_of(*state.parser_, answer, "the service does not say how its mirror is doing");
    if (!object) return std::unexpected(std::move(object.error()));
    state.object_ = *object;
    return state;
  }

  [[nodiscard]] std::string_view text(std::string_view member) const { return text_at(object_, member); }
  [[nodiscard]] std::uint64_t number(std::string_view member) const {
    std::uint64_t number = 0;
    if (object_[member].get(number) != simdjson::SUCCESS) return 0;
    return number;
  }
  [[nodiscard]] double seconds(std::string_view member) const {
    double seconds = 0;
    if (object_[member].get(seconds) != simdjson::SUCCESS) return 0;
    return seconds;
  }
  [[nodiscard]] std::string json() const { return printable_json(simdjson::minify(object_)); }
  [[nodiscard]] bool works() const { return text("state") == "following" || text("state") == "copying"; }
  [[nodiscard]] bool is_done() const { return text("state") == "following" && number("owed_ranges") == 0; }

 private:
  std::unique_ptr<simdjson::dom::parser> parser_ = std::make_unique<simdjson::dom::parser>();  // holds the object
  simdjson::dom::object object_;
};

Result<MirrorState> ask(HttpClient& client) {
  const auto answer = client.request("GET", kMirrorAddress, "");
  if (!answer) return std::unexpected(answer.error());
  auto state = MirrorState::read(*answer);
  if (state && state->text("state").empty()) return not_understood("it does not say what state the mirror is in");
  if (state && state->text("state") == "off") {
    return failure(ErrorCode::parameter_invalid,
                   "this service has no mirror: serve --timescale-url names its database");
  }
  return state;
}

void print(const MirrorState& state, const Surroundings& surroundings) {
  if (surroundings.json) {
    surroundings.out << state.json() << '\n' << std::flush;
    return;
  }
  std::ostream& out = surroundings.out;
  out << fmt::format("{}: {}\n", printable(state.text("state")), printable(state.text("database")));
  if (!state.text("server").empty()) out << fmt::format("server        {}\n", printable(state.text("server")));
  out << fmt::format("position      {}\nlag           {:.1f} s, {} readings\nowed ranges   {}\nwritten       {}\n",
                     state.number("position"), state.seconds("lag_seconds"), state.number("lag_readings"),
                     state.number("owed_ranges"), state.number("readings"));
  if (!state.text("error").empty()) out << fmt::format("error         {}\n", printable(state.text("error")));
  out << std::flush;
}

// Waits until nothing is owed any more.
Result<void> wait_until_done(HttpClient& client, const Surroundings& surroundings) {
  ProgressLine progress(surroundings.err, surroundings.terminal, std::chrono::steady_clock::now());
  while (true) {
    const auto state = ask(client);
    if (!state) return std::unexpected(state.error());
    if (state->is_done()) {
      progress.clear();
      print(*state, surroundings);
      return {};
    }
    if (state->text("state") == "refused") {
      return failure(ErrorCode::startup, printable(state->text("error")));
    }
    const auto now = std::chrono::steady_clock::now();
    if (progress.due(now)) {
      progress.show(fmt::format("{} ranges to go, {} readings written{}{}", state->number("owed_ranges"),
                                state->number("readings"),
                                state->text("error").empty() ? "" : "; waiting: ", printable(state->text("error"))),
                    now);
    }
    if (!surroundings.pause.wait(kBetweenMirrorLooks)) {
      return failure(ErrorCode::startup, "interrupted; the service goes on with it");
    }
  }
}

Result<void> order(const HttpTarget& target, const std::string& path, const Surroundings& surroundings) {
  auto client = HttpClient::create(target, surroundings.pause);
  if (!client) return std::unexpected(std::move(client.error()));
  const auto answer = (*client)->request("POST", path, "");
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 202) return std::unexpected(problem_of(*answer, "the service does not do it"));
  return wait_until_done(**client, surroundings);
}

}  // namespace

int show_mirror(const HttpTarget& target, const Surroundings& surroundings) {
  auto client = HttpClient::create(target, surroundings.pause);
  if (!client) return report(surroundings, client.error());
  const auto state = ask(**client);
  if (!state) return report(surroundings, state.error());
  print(*state, surroundings);
  return state->works() ? 0 : 1;
}

int resync_mirror(const HttpTarget& target, Timestamp from, Timestamp to, const Surroundings& surroundings) {
  const auto done = order(
      target, address("/v1/admin/mirror/resync", {{"from", format_timestamp(from)}, {"to", format_timestamp(to)}}),
      surroundings);
  return done ? 0 : report(surroundings, done.error());
}

int replace_mirror(const HttpTarget& target, const Surroundings& surroundings) {
  const auto done = order(target, "/v1/admin/mirror/replace", surroundings);
  return done ? 0 : report(surroundings, done.error());
}

}  // namespace temperature::client
