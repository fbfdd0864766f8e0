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
#include "client/problem.h"

namespace temperature::client {
namespace {

constexpr std::size_t kRoomsPerPage = 500;
constexpr int kBreaksMax = 20;  // of one stream, without a reading between

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

// The windows of all rooms, page after page.
Result<std::vector<ExportedWindow>> list_windows(HttpClient& client, const ExportOptions& options) {
  std::vector<ExportedWindow> windows;
  simdjson::dom::parser parser;
  std::string cursor;
  do {
    Parameters parameters{{"limit", std::to_string(kRoomsPerPage)}};
    if (!options.building.empty()) parameters.emplace_back("building", options.building);
    if (!cursor.empty()) parameters.emplace_back("cursor", cursor);
    const auto answer = client.request("GET", address("/v1/rooms", parameters), "");
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 200) return std::unexpected(problem_of(*answer, "the service does not list its rooms"));
    const auto document = parser.parse(answer->body);
    for (const auto room : document["rooms"].get_array()) {
      for (const auto quantity : room["quantities"].get_array()) {
        ExportedWindow window;
        window.building = text_at(room, "building");
        window.room = text_at(room, "room");
        window.quantity = text_at(quantity, "quantity");
        window.unit = text_at(quantity, "unit");
        if (!options.room.empty() && window.room != options.room) continue;
        if (!options.quantity.empty() && window.quantity != options.quantity) continue;
        windows.push_back(std::move(window));
      }
    }
    std::string_view next;
    cursor = document["next"].get(next) == simdjson::SUCCESS ? std::string(next) : std::string();
  } while (!cursor.empty());
  return windows;
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
    for (int breaks = 0; breaks < kBreaksMax;) {
      const std::uint64_t before = readings_;
      rest_.clear();
      failed_.reset();
      auto answer = client_.stream(address_of(window), [&](std::string_view bytes) { return take(window, bytes); });
      if (failed_) return std::unexpected(std::move(*failed_));
      if (surroundings_.pause.interrupted()) return failure(ErrorCode::startup, "interrupted");
      if (answer && answer->status == 200) return true;
      if (readings_ > before) breaks = 0;
      Error why = answer ? problem_of(*answer, "the service refused") : answer.error();
      const bool passing = !answer || answer->status == 429 || (answer->status >= 500 && !lost(*answer));
      if (!passing || ++breaks == kBreaksMax) {
        progress_.clear();
        surroundings_.err << fmt::format("temperature-service: {} of \"{}\" in building \"{}\" is not whole: {}\n",
                                         window.quantity, window.room, window.building, why.detail);
        if (!answer || answer->status == 401 || answer->status == 403) return std::unexpected(std::move(why));
        return false;
      }
      if (!surroundings_.pause.wait(backoff(breaks + 1, 0.5))) return failure(ErrorCode::startup, "interrupted");
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
        !value_at(row, line)) {
      failed_ = Error{ErrorCode::malformed_body, fmt::format("cannot understand what the service says: {}", line)};
      return false;
    }
    // Rows come in order of time and sensor, and times are written so that they sort as text.
    key_.assign(timestamp).push_back('\n');
    key_ += sensor;
    if (!last_.empty() && key_ <= last_) return true;
    append_exported(out_, options_.format, window, sensor, timestamp, *value_at(row, line));
    ++readings_;
    last_.swap(key_);
    last_timestamp_ = timestamp;
    return true;
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
  std::string rest_;  // the beginning of a line
  std::string out_;   // scratch
  std::string key_;   // scratch
  std::string last_;  // the row that was written last: its time and sensor
  std::string last_timestamp_;
  std::optional<Error> failed_;
};

Result<bool> run(const ExportOptions& options, const Surroundings& surroundings) {
  auto client = HttpClient::create(options.target, surroundings.pause);
  if (!client) return std::unexpected(std::move(client.error()));
  const auto windows = list_windows(**client, options);
  if (!windows) return std::unexpected(windows.error());
  auto file = OutputFile::create(options.path);
  if (!file) return std::unexpected(std::move(file.error()));
  if (auto begun = (*file)->write(export_header(options.format)); !begun) return std::unexpected(begun.error());
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
