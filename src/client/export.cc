#include "client/export.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <functional>
#include <ostream>
#include <random>
#include <vector>

#include "client/bounds.h"
#include "client/export_rows.h"
#include "client/output_file.h"
#include "client/pages.h"
#include "client/printable.h"
#include "client/problem.h"

namespace temperature::client {
namespace {

constexpr std::size_t kRoomsPerPage = 500;
constexpr int kBreaksMax = 20;  // of one stream, without a reading between
constexpr std::size_t kLineShownBytesMax = 200;
constexpr std::string_view kRowsType = "application/x-ndjson";

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

// Appends the windows of a page's rooms. Returns how many the page has, asked for or not.
Result<std::size_t> read_rooms(simdjson::dom::object page, const ExportOptions& options,
                               std::vector<ExportedWindow>& windows) {
  std::size_t listed = 0;
  simdjson::dom::array rooms;
  if (page["rooms"].get(rooms) != simdjson::SUCCESS) return not_understood("it lists no rooms");
  for (const simdjson::dom::element room : rooms) {
    auto building = name_at(room, "building");
    if (!building) return std::unexpected(std::move(building.error()));
    auto name = name_at(room, "room");
    if (!name) return std::unexpected(std::move(name.error()));
    simdjson::dom::array quantities;
    if (room["quantities"].get(quantities) != simdjson::SUCCESS)
      return not_understood("a room in it has no quantities");
    for (const simdjson::dom::element each : quantities) {
      ++listed;
      auto quantity = name_at(each, "quantity");
      if (!quantity) return std::unexpected(std::move(quantity.error()));
      if (!options.room.empty() && *name != options.room) continue;
      if (!options.quantity.empty() && *quantity != options.quantity) continue;
      windows.push_back({*building, *name, std::move(*quantity), std::string(text_at(each, "unit"))});
    }
  }
  return listed;
}

// The windows of all rooms, page after page.
Result<std::vector<ExportedWindow>> list_windows(HttpClient& client, const ExportOptions& options) {
  std::vector<ExportedWindow> windows;
  simdjson::dom::parser parser;
  Pages pages;
  while (true) {
    Parameters parameters{{"limit", std::to_string(kRoomsPerPage)}};
    if (!options.building.empty()) parameters.emplace_back("building", options.building);
    if (!pages.cursor().empty()) parameters.emplace_back("cursor", pages.cursor());
    const auto answer = client.request("GET", address("/v1/rooms", parameters), "");
    if (!answer) return std::unexpected(answer.error());
    const auto page = object_of(parser, *answer, "the service does not list its rooms");
    if (!page) return std::unexpected(page.error());
    const auto listed = read_rooms(*page, options, windows);
    if (!listed) return std::unexpected(listed.error());
    const auto more = pages.turn(*page, *listed);
    if (!more) return std::unexpected(more.error());
    if (!*more) return windows;
  }
}

// Writes what is exported, and shows how far it is.
class Exporter {
 public:
  Exporter(const ExportOptions& options, HttpClient& client, OutputFile& file, const Surroundings& surroundings)
      : options_(options),
        client_(client),
        file_(file),
        surroundings_(surroundings),
        start_(std::chrono::steady_clock::now()),
        progress_(surroundings.err, surroundings.terminal, start_) {}

  // False when some of it could not be read, which is said then. The error ends the export.
  Result<bool> write(const ExportedWindow& window, double share) {
    share_ = share;
    last_.clear();
    Duration waited{0};
    for (int breaks = 0; breaks < kBreaksMax;) {
      const std::uint64_t before = readings_;
      rest_.clear();
      row_before_.clear();
      failed_.reset();
      auto answer =
          client_.stream(address_of(window), kRowsType, [&](std::string_view bytes) { return take(window, bytes); });
      if (failed_) return std::unexpected(std::move(*failed_));
      if (surroundings_.pause.interrupted()) return failure(ErrorCode::startup, "interrupted");
      if (answer && answer->status == 200) return check_end(*answer);
      if (readings_ > before) {
        breaks = 0;
        waited = Duration(0);
      }
      Error why = answer ? problem_of(*answer, "the service refused") : answer.error();
      const bool passing = !answer || answer->status == 429 || (answer->status >= 500 && !lost(*answer));
      const Duration wait = backoff(breaks + 2, 0.5);
      waited += wait;
      if (!passing || ++breaks == kBreaksMax || waited > client_.target().retry_for) {
        why.detail = fmt::format("{} of \"{}\" in building \"{}\" is not whole: {}", window.quantity, window.room,
                                 window.building, why.detail);
        if (!answer || (answer->status < 500 && answer->status != 429)) return std::unexpected(std::move(why));
        progress_.clear();
        report(surroundings_, why);
        return false;
      }
      if (!surroundings_.pause.wait(wait)) return failure(ErrorCode::startup, "interrupted");
    }
    return false;
  }

  [[nodiscard]] std::uint64_t readings() const { return readings_; }
  void finish() { progress_.clear(); }

 private:
  // The history cannot be read there, and will not be the next time either.
  static bool lost(const HttpAnswer& answer) {
    return answer.body.find(traits(ErrorCode::history_failed).code) != std::string::npos;
  }

  // Of a stream that was a success.
  [[nodiscard]] Result<bool> check_end(const HttpAnswer& answer) const {
    if (answer.content_type != kRowsType) {
      return not_understood(fmt::format("its type is \"{}\", not {}", answer.content_type, kRowsType));
    }
    if (!rest_.empty()) return not_understood("it ends in the middle of a line");
    return true;
  }

  [[nodiscard]] std::string address_of(const ExportedWindow& window) const {
    Parameters parameters{
        {"building", window.building}, {"room", window.room}, {"quantity", window.quantity}, {"format", "ndjson"}};
    if (!options_.sensor.empty()) parameters.emplace_back("sensor", options_.sensor);
    const std::string from = last_.empty() ? options_.from : last_timestamp_;
    if (!from.empty()) parameters.emplace_back("from", from);
    if (!options_.to.empty()) parameters.emplace_back("to", options_.to);
    return address("/v1/readings", parameters);
  }

  // Takes whole lines; what was written before the stream broke is passed over.
  bool take(const ExportedWindow& window, std::string_view bytes) {
    rest_ += bytes;
    std::size_t begin = 0;
    out_.clear();
    for (std::size_t end = 0; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1) {
      if (!take_line(window, std::string_view(rest_).substr(begin, end - begin))) return false;
    }
    rest_.erase(0, begin);
    if (rest_.size() > kRecordBytesMax) return refuse(rest_);
    if (auto written = file_.write(out_); !written) {
      failed_ = std::move(written.error());
      return false;
    }
    const auto now = std::chrono::steady_clock::now();
    if (progress_.due(now)) progress_.show({readings_, now - start_, share_}, now);
    return !surroundings_.pause.interrupted();
  }

  bool take_line(const ExportedWindow& window, std::string_view line) {
    simdjson::dom::element row;
    std::string_view timestamp;
    std::string_view sensor;
    if (parser_.parse(line.data(), line.size()).get(row) != simdjson::SUCCESS ||
        row["timestamp"].get(timestamp) != simdjson::SUCCESS || row["sensor"].get(sensor) != simdjson::SUCCESS ||
        sensor.empty() || !value_at(row, line) || !is_written_as_by_us(timestamp)) {
      return refuse(line);
    }
    // Rows come in order of time and sensor, each once, and times are written so that they sort as text. Without that a
    // stream need never end.
    key_.assign(timestamp).push_back('\n');
    key_ += sensor;
    if (key_ <= row_before_) return refuse(line);
    row_before_ = key_;
    if (!last_.empty() && key_ <= last_) return true;
    append_exported(out_, options_.format, window, sensor, timestamp, *value_at(row, line));
    ++readings_;
    last_.swap(key_);
    last_timestamp_ = timestamp;
    return true;
  }

  // A time that is exactly as format_timestamp() writes it; it goes into the file as it is.
  static bool is_written_as_by_us(std::string_view timestamp) {
    constexpr std::string_view kShape = "0000-00-00T00:00:00.000Z";
    if (timestamp.size() != kShape.size()) return false;
    for (std::size_t i = 0; i < kShape.size(); ++i) {
      const bool digit = timestamp[i] >= '0' && timestamp[i] <= '9';
      if (kShape[i] == '0' ? !digit : timestamp[i] != kShape[i]) return false;
    }
    return true;
  }

  bool refuse(std::string_view line) {
    failed_ = not_understood(fmt::format("a line of it is \"{}\"", printable(line, kLineShownBytesMax))).error();
    return false;
  }

  const ExportOptions& options_;
  HttpClient& client_;
  OutputFile& file_;
  const Surroundings& surroundings_;
  const std::chrono::steady_clock::time_point start_;
  ProgressLine progress_;
  simdjson::dom::parser parser_;
  double share_ = 0;
  std::uint64_t readings_ = 0;
  std::string rest_;        // the beginning of a line
  std::string out_;         // scratch
  std::string key_;         // scratch
  std::string row_before_;  // of this stream
  std::string last_;        // the row that was written last: its time and sensor
  std::string last_timestamp_;
  std::optional<Error> failed_;
};

// The room that was asked for, or whatever narrowed the question.
std::string described(const ExportOptions& options) {
  std::string text = options.room.empty() ? "" : fmt::format("\"{}\"", options.room);
  if (!options.building.empty()) text += fmt::format(" in building \"{}\"", options.building);
  if (!options.quantity.empty()) text += fmt::format(" with {}", options.quantity);
  return text.substr(text.starts_with(' ') ? 1 : 0);
}

Result<bool> run(const ExportOptions& options, const Surroundings& surroundings) {
  auto client = HttpClient::create(options.target, surroundings.pause);
  if (!client) return std::unexpected(std::move(client.error()));
  const auto windows = list_windows(**client, options);
  if (!windows) return std::unexpected(windows.error());
  const bool unknown = windows->empty() && !(options.building + options.room + options.quantity).empty();
  const auto no_room = [&options] {
    return failure(ErrorCode::room_unknown, fmt::format("the service has no room {}", described(options)));
  };
  if (unknown && options.path != "-") return no_room();
  auto file = OutputFile::create(options.path);
  if (!file) return std::unexpected(std::move(file.error()));
  if (auto begun = (*file)->write(export_header(options.format)); !begun) return std::unexpected(begun.error());
  if (unknown) {  // who reads standard output gets what it is: a table without rows
    static_cast<void>((*file)->finish());
    return no_room();
  }
  Exporter exporter(options, **client, **file, surroundings);
  bool whole = true;
  for (std::size_t i = 0; i < windows->size(); ++i) {
    const auto written = exporter.write((*windows)[i], static_cast<double>(i) / static_cast<double>(windows->size()));
    if (!written) return std::unexpected(written.error());
    whole = whole && *written;
  }
  if (auto finished = (*file)->finish(); !finished) return std::unexpected(std::move(finished.error()));
  exporter.finish();
  surroundings.err << fmt::format("{} readings of {} rooms' quantities\n", exporter.readings(), windows->size());
  return whole;
}

}  // namespace

int export_readings(const ExportOptions& options, const Surroundings& surroundings) {
  const auto whole = run(options, surroundings);
  if (!whole) return report(surroundings, whole.error());
  return *whole ? 0 : 1;
}

}  // namespace temperature::client
