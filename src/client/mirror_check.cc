#include "client/mirror_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "client/listing.h"
#include "client/printable.h"
#include "client/room_answers.h"

namespace temperature::client {
namespace {

// Readings are in the database some seconds after they are in the service.
constexpr Duration kLookAgainAfter{2'000};
// Looks at what differed. What is the same in two of them, and differs, is not about to become the same.
constexpr int kLooksAgainMax = 4;
constexpr std::string_view kNone = "none";

// What both sides have of a sensor's day.
struct Pair {
  Tally service;
  Tally database;

  [[nodiscard]] bool same() const { return service == database; }
  bool operator==(const Pair&) const = default;
};

using Pairs = std::map<SensorDay, Pair>;

struct RoomDifferences {
  TallySpan span;  // that is looked at again
  Pairs pairs;
  int looks = 0;
};

class MirrorCheck {
 public:
  MirrorCheck(HttpClient& client, postgres::Connection& connection, const MirrorCheckOptions& options,
              const Surroundings& surroundings)
      : client_(client),
        connection_(connection),
        options_(options),
        surroundings_(surroundings),
        progress_(surroundings.err, surroundings.terminal, std::chrono::steady_clock::now()) {}

  // Whether nothing differs.
  Result<bool> run() {
    if (auto listed = list_rooms(); !listed) return std::unexpected(std::move(listed.error()));
    std::size_t done = 0;
    for (const TalliedRoom& room : rooms_) {
      show_progress(done++);
      if (auto compared = compare(room); !compared) return std::unexpected(std::move(compared.error()));
    }
    for (int look = 0; !differing_.empty() && look < kLooksAgainMax; ++look) {
      if (!surroundings_.pause.wait(kLookAgainAfter)) return failure(ErrorCode::startup, "interrupted");
      if (auto looked = look_again(); !looked) return std::unexpected(std::move(looked.error()));
    }
    progress_.clear();
    for (const auto& [room, differences] : differing_) {
      for (const auto& [day, pair] : differences.pairs) name(room, day, pair, "changing");
    }
    summarise();
    return differ_ == 0;
  }

 private:
  Result<void> list_rooms() {
    auto listed = list_pages(client_, {"/v1/rooms", "rooms", "the service does not list its rooms", {{"limit", "500"}}},
                             [this](simdjson::dom::object, simdjson::dom::array rows) -> Result<void> {
                               for (const simdjson::dom::element row : rows) {
                                 auto room = read_room(row);
                                 if (!room) return std::unexpected(std::move(room.error()));
                                 for (const RoomQuantity& each : room->quantities)
                                   rooms_.insert({room->building, room->room, each.quantity});
                               }
                               return {};
                             });
    if (!listed) return listed;
    const auto of_database =
        connection_.run("SELECT DISTINCT building, room, quantity FROM temperature_service.series");
    if (!of_database) {
      return std::unexpected(postgres::as_error("the database's series cannot be listed", of_database.error()));
    }
    for (int row = 0; row < of_database->count(); ++row) {
      rooms_.insert({std::string(of_database->text(row, 0)), std::string(of_database->text(row, 1)),
                     std::string(of_database->text(row, 2))});
    }
    return {};
  }

  // Both sides; the database after the service, so that it had the time to come after.
  Result<Pairs> pairs_of(const TalliedRoom& room, const TallySpan& span, Timestamp* newest) {
    auto service = tallies_of_service(client_, surroundings_.pause, room, span);
    if (!service) return std::unexpected(std::move(service.error()));
    auto database = tallies_of_database(connection_, room, span);
    if (!database) return std::unexpected(std::move(database.error()));
    Pairs pairs;
    for (const auto& [day, tally] : service->days) pairs[day].service = tally;
    for (const auto& [day, tally] : database->days) pairs[day].database = tally;
    if (newest != nullptr) *newest = service->newest;
    return pairs;
  }

  Result<void> compare(const TalliedRoom& room) {
    Timestamp newest = kTimestampMin;
    auto pairs = pairs_of(room, options_.span, &newest);
    if (!pairs) return std::unexpected(std::move(pairs.error()));
    days_ += pairs->size();
    for (const auto& [day, pair] : *pairs) readings_ += pair.service.count;
    std::erase_if(*pairs, [](const auto& each) { return each.second.same(); });
    if (pairs->empty()) return {};
    // What came in afterwards is not compared: the database cannot have all of it. Unless it has more than the service.
    RoomDifferences differences{.span = options_.span, .pairs = {}, .looks = 0};
    const std::int32_t newest_day = day_of(newest);
    const bool ahead = std::ranges::any_of(
        *pairs, [&](const auto& each) { return each.second.service.count == 0 || each.first.day > newest_day; });
    if (!ahead) differences.span.to = std::min(options_.span.to.value_or(kTimestampMax), newest + kTick);
    differences.span.from =
        std::max(options_.span.from.value_or(kTimestampMin), beginning_of(pairs->begin()->first.day));
    differences.pairs = std::move(*pairs);
    differing_.emplace(room, std::move(differences));
    return {};
  }

  Result<void> look_again() {
    for (auto at = differing_.begin(); at != differing_.end();) {
      auto& [room, differences] = *at;
      show_progress(rooms_.size());
      auto pairs = pairs_of(room, differences.span, nullptr);
      if (!pairs) return std::unexpected(std::move(pairs.error()));
      // The first look was without a bound: what it says is compared with nothing.
      const bool comparable = differences.looks++ > 0;
      Pairs moving;
      for (const auto& [day, before] : differences.pairs) {
        const Pair now = pairs->contains(day) ? pairs->at(day) : Pair();
        if (now.same()) continue;
        if (comparable && now == before) {
          progress_.clear();
          name(room, day, now, "differs");
          ++differ_;
        } else {
          moving.emplace(day, now);
        }
      }
      differences.pairs = std::move(moving);
      at = differences.pairs.empty() ? differing_.erase(at) : std::next(at);
    }
    return {};
  }

  void name(const TalliedRoom& room, const SensorDay& day, const Pair& pair, std::string_view what) {
    if (what != "differs") ++changing_;
    const std::string date = format_timestamp(beginning_of(day.day)).substr(0, std::string_view("2022-10-05").size());
    if (surroundings_.json) {
      std::string out = fmt::format(R"({{"{}":"{}")", what, date);
      for (const auto& [member, text] : {std::pair("building", &room.building), std::pair("room", &room.room),
                                         std::pair("sensor", &day.sensor), std::pair("quantity", &room.quantity)}) {
        out += fmt::format(",\"{}\":", member);
        append_json_string(out, *text);
      }
      surroundings_.out << out
                        << fmt::format(",\"service_readings\":{},\"database_readings\":{}}}\n", pair.service.count,
                                       pair.database.count);
      return;
    }
    const std::string counts =
        pair.service.count == pair.database.count
            ? fmt::format("{} readings on both sides, with other values or times", pair.service.count)
            : fmt::format("the service has {} readings, the database {}", count_text(pair.service.count),
                          count_text(pair.database.count));
    surroundings_.out << fmt::format("{}: building \"{}\", room \"{}\", sensor \"{}\", {}, {}: {}\n", what,
                                     printable(room.building), printable(room.room), printable(day.sensor),
                                     printable(room.quantity), date, counts);
  }

  static std::string count_text(std::uint64_t count) {
    return count == 0 ? std::string(kNone) : fmt::format("{}", count);
  }

  void summarise() {
    if (surroundings_.json) {
      surroundings_.out << fmt::format(R"({{"days":{},"readings":{},"differ":{},"changing":{}}})"
                                       "\n",
                                       days_, readings_, differ_, changing_);
    } else {
      surroundings_.out << fmt::format("compared {} readings on {} days of series: {} differ, {} still change\n",
                                       readings_, days_, differ_, changing_);
    }
    surroundings_.out << std::flush;
  }

  void show_progress(std::size_t done) {
    const auto now = std::chrono::steady_clock::now();
    if (!progress_.due(now)) return;
    progress_.show(fmt::format("{} of {} rooms' quantities, {} readings", done, rooms_.size(), readings_), now);
  }

  HttpClient& client_;
  postgres::Connection& connection_;
  const MirrorCheckOptions& options_;
  const Surroundings& surroundings_;
  ProgressLine progress_;
  std::set<TalliedRoom> rooms_;
  std::map<TalliedRoom, RoomDifferences> differing_;
  std::uint64_t days_ = 0;
  std::uint64_t readings_ = 0;
  std::uint64_t differ_ = 0;
  std::uint64_t changing_ = 0;
};

}  // namespace

int check_mirror(const postgres::Url& url, const MirrorCheckOptions& options, const Surroundings& surroundings) {
  auto client = HttpClient::create(options.target, surroundings.pause);
  if (!client) return report(surroundings, client.error());
  auto connection = postgres::Connection::open(
      url, {.stop_asked = [&surroundings] { return surroundings.pause.interrupted(); }, .purpose = "verify"});
  if (!connection) {
    return report(surroundings,
                  postgres::as_error(fmt::format("cannot connect to {}", url.shown()), connection.error()));
  }
  const auto same = MirrorCheck(**client, **connection, options, surroundings).run();
  if (!same) return report(surroundings, same.error());
  return *same ? 0 : 1;
}

}  // namespace temperature::client
