#include "client/questions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>

#include "client/listing.h"
#include "client/printable.h"
#include "client/problem.h"
#include "client/room_answers.h"
#include "client/room_text.h"

namespace temperature::client {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kListedRoomsPerPage = 500;
constexpr std::size_t kBucketsPerPage = 5'000;

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

// The parameters that something is said for.
Parameters said(Parameters parameters) {
  std::erase_if(parameters, [](const auto& each) { return each.second.empty(); });
  return parameters;
}

int end(const Result<void>& asked, const Surroundings& surroundings) {
  surroundings.out << std::flush;
  if (asked) return 0;
  const int status = report(surroundings, asked.error());
  return asked.error().code == ErrorCode::parameter_invalid ? 2 : status;
}

Result<void> go_on(const Surroundings& surroundings) {
  if (surroundings.pause.interrupted()) return failure(ErrorCode::startup, "interrupted");
  return {};
}

std::string line_of(dom::element json) {
  return printable_json(simdjson::minify(json)) + "\n";
}

Result<void> print_rooms(const Question& question, const Surroundings& surroundings) {
  auto client = HttpClient::create(question.target, surroundings.pause);
  if (!client) return std::unexpected(std::move(client.error()));
  Table table = rooms_table();
  std::size_t silent = 0;
  std::size_t listed = 0;
  const Listing listing{"/v1/rooms", "rooms", "cannot list the rooms",
                        said({{"building", question.building}, {"limit", std::to_string(kListedRoomsPerPage)}})};
  const auto done = list_pages(**client, listing, [&](dom::object, dom::array rooms) -> Result<void> {
    for (const dom::element each : rooms) {
      const auto room = read_room(each);
      if (!room) return std::unexpected(room.error());
      const auto has = [&](const RoomQuantity& its) { return its.quantity == question.quantity; };
      if (!question.quantity.empty() && std::ranges::none_of(room->quantities, has)) continue;
      ++listed;
      if (question.for_a_person) {
        silent += add_room(table, *room, question.quantity);
      } else {
        surroundings.out << line_of(each);
      }
    }
    surroundings.out << table.take_lines();
    return go_on(surroundings);
  });
  if (!done || !question.for_a_person) return done;
  if (listed == 0) surroundings.out << "no rooms\n";
  if (silent > 0) surroundings.out << "-: no readings in the last 15 minutes\n";
  return {};
}

Result<void> print_average(const AverageQuestion& question, const Surroundings& surroundings) {
  auto client = HttpClient::create(question.target, surroundings.pause);
  if (!client) return std::unexpected(std::move(client.error()));
  const Parameters parameters = said({{"room", question.room},
                                      {"building", question.building},
                                      {"sensor", question.sensor},
                                      {"quantity", question.quantity},
                                      {"window", question.window},
                                      {"at", question.at}});
  const auto answered = (*client)->request("GET", address("/v1/average", parameters), "");
  if (!answered) return std::unexpected(answered.error());
  dom::parser parser;
  const auto json = object_of(parser, *answered, "cannot tell the average");
  if (!json) return std::unexpected(json.error());
  const auto answer = read_average(*json);
  if (!answer) return std::unexpected(answer.error());
  if (question.for_a_person) {
    surroundings.out << average_text(*answer, question.at.empty());
  } else {
    surroundings.out << printable_json(simdjson::minify(*json)) << '\n';
  }
  return {};
}

// A page's rows into the table, or out as they are.
Result<void> add_buckets(const HistoryQuestion& question, const HistoryFrame& frame, dom::array buckets, Table& table,
                         const Surroundings& surroundings) {
  for (const dom::element each : buckets) {
    const auto row = read_history_row(each);
    if (!row) return std::unexpected(row.error());
    if (question.for_a_person) {
      add_history_row(table, *row, frame.unit, question.rooms.size() > 1);
    } else {
      surroundings.out << line_of(each);
    }
  }
  surroundings.out << table.take_lines();
  return go_on(surroundings);
}

Result<void> print_history(const HistoryQuestion& question, const Surroundings& surroundings) {
  auto client = HttpClient::create(question.target, surroundings.pause);
  if (!client) return std::unexpected(std::move(client.error()));
  Listing listing{"/v1/history", "buckets", "cannot tell the history",
                  said({{"building", question.building},
                        {"sensor", question.sensor},
                        {"quantity", question.quantity},
                        {"step", question.step},
                        {"from", question.from},
                        {"to", question.to},
                        {"limit", std::to_string(kBucketsPerPage)}})};
  for (const std::string& room : question.rooms) listing.parameters.emplace_back("room", room);
  Table table = history_table(question.rooms.size() > 1);
  std::optional<HistoryFrame> frame;  // the first page's
  std::size_t listed = 0;
  const auto done = list_pages(**client, listing, [&](dom::object page, dom::array buckets) -> Result<void> {
    if (!frame) {
      auto read = read_history_frame(page);
      if (!read) return std::unexpected(std::move(read.error()));
      frame = std::move(*read);
      if (question.for_a_person) {
        surroundings.out << history_title(*frame, fmt::format("{}", fmt::join(question.rooms, ", ")));
      }
    }
    listed += buckets.size();
    return add_buckets(question, *frame, buckets, table, surroundings);
  });
  if (!done || !question.for_a_person) return done;
  if (listed == 0) surroundings.out << no_history_text(*frame);
  return {};
}

}  // namespace

int ask_rooms(const Question& question, const Surroundings& surroundings) {
  return end(print_rooms(question, surroundings), surroundings);
}

int ask_average(const AverageQuestion& question, const Surroundings& surroundings) {
  return end(print_average(question, surroundings), surroundings);
}

int ask_history(const HistoryQuestion& question, const Surroundings& surroundings) {
  return end(print_history(question, surroundings), surroundings);
}

}  // namespace temperature::client
